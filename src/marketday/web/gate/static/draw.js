// The draw, as `marketday/waitingroom/draw.py` defines it, with the browser's own HMAC-SHA256.

const ROUNDS = 10;
const text = new TextEncoder();

export function fromHex(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export async function commitment(seed) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", seed));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function noise(key, count, turn, right, modulus) {
  const message = text.encode(`marketday-draw-1:${count}:${turn}:${right}`);
  const mac = await crypto.subtle.sign("HMAC", key, message);
  return Number(new DataView(mac).getBigUint64(0) % BigInt(modulus));
}

async function feistel(key, count, number, rows, columns) {
  let left = number % rows;
  let right = Math.floor(number / rows);
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    const modulus = turn % 2 === 0 ? rows : columns;
    [left, right] = [right, (left + (await noise(key, count, turn, right, modulus))) % modulus];
  }
  return left + rows * right;
}

export async function permutation(seed, index, count) {
  if (!Number.isInteger(index) || index < 0 || index >= count) {
    throw new RangeError(`index ${index} is outside the draw; expected 0 to ${count - 1}`);
  }
  const key = await crypto.subtle.importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const rows = Math.ceil(Math.sqrt(count));
  const columns = Math.ceil(count / rows);
  let position = index;
  do {
    position = await feistel(key, count, position, rows, columns);
  } while (position >= count);
  return position;
}
