// Runs the edge's function on the cases that come in, with CloudFront's own module stood in for; tells what it did.
// argv: the function with its import taken away. stdin: [{now, places, request}], stdout: [{result, origin}].
import { readFileSync } from 'node:fs';

const source = readFileSync(process.argv[2], 'utf8');
const cases = JSON.parse(readFileSync(0, 'utf8'));
const told = [];

for (const { now, places, request } of cases) {
  const moved = [];
  const cf = {
    kvs: () => ({
      get: async (key) => {
        if (!(key in places)) throw new Error('KeyNotFound');
        return places[key];
      },
    }),
    updateRequestOrigin: (origin) => moved.push(origin),
  };
  const clock = class extends Date {
    static now() {
      return Date.parse(now);
    }
  };
  const handler = new Function('cf', 'Date', `${source}\nreturn handler;`)(cf, clock);
  const viewer = { ip: '203.0.113.7' };
  const result = await handler({ version: '1.0', context: { eventType: 'viewer-request' }, viewer, request });
  told.push({ result, moved });
}

process.stdout.write(JSON.stringify(told));
