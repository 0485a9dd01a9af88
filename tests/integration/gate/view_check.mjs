// Reads [{now, own}, ...] as JSON from standard input, prints the state that the browser would show for each.
import { readFileSync } from "node:fs";
const { ahead, minutes, stateOf } = await import(process.argv[2]);
const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(({ now, own }) => [stateOf(now, own), ahead(now, own), minutes(now, own)])));
