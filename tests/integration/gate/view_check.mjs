// Reads [{now, own, at, luck}, ...] as JSON from standard input; prints what the browser would show, and when it looks again.
import { readFileSync } from "node:fs";
const { ahead, lookAgainSeconds, minutes, stateOf } = await import(process.argv[2]);
const cases = JSON.parse(readFileSync(0, "utf8"));
const told = ({ now, own, at, luck }) => [stateOf(now, own), ahead(now, own), minutes(now, own), lookAgainSeconds(now, own, at, luck)];
console.log(JSON.stringify(cases.map(told)));
