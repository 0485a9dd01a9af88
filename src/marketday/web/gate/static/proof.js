// "Check your draw": compare the seed with its commitment, and compute the person's position again.

import { commitment, fromHex, permutation } from "./draw.js";

export function canCompute() {
  return globalThis.crypto?.subtle !== undefined; // browsers allow it only with HTTPS and on localhost
}

export async function drawnPosition(now, index) {
  if (index >= now.cohort) return index;
  return permutation(fromHex(now.seed), index, now.cohort);
}

export async function prove(now, index) {
  const kept = (await commitment(fromHex(now.seed))) === now.commitment;
  return { kept, position: index === null ? null : await drawnPosition(now, index) };
}

export function showProof(page, now, own, proof) {
  page.fill("seed", now.seed);
  page.fill("cohort", page.numbers.format(now.cohort));
  const details = page.root.querySelector("[data-proof]");
  details.querySelector("[data-drawn]").hidden = false;
  details.querySelector("[data-undrawn]").hidden = true;
  if (proof === null) return;
  details.querySelector("[data-kept]").hidden = !proof.kept;
  details.querySelector("[data-broken]").hidden = proof.kept;
  const same = proof.position !== null && proof.position === own.position;
  details.querySelector("[data-recomputed]").hidden = !same;
}
