// Reads [{seed, index, count}, ...] as JSON from standard input, prints the positions and the first seed's commitment.
import { readFileSync } from "node:fs";
const { commitment, fromHex, permutation } = await import(process.argv[2]);
const cases = JSON.parse(readFileSync(0, "utf8"));
const positions = [];
for (const { seed, index, count } of cases) positions.push(await permutation(fromHex(seed), index, count));
console.log(JSON.stringify({ positions, commitment: await commitment(fromHex(cases[0].seed)) }));
