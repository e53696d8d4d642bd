/** In a process of its own, whose heap is as a host's at its start. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const HEAP = pathToFileURL(join(import.meta.dirname, '../../lib/local/heap.ts')).href;

/** What is held for a while, as the pages of a listing are, makes V8 enlarge the young generation, in which nothing else is ever held. */
const SCRIPT = `
import { getHeapSpaceStatistics } from 'node:v8';
import { withRoomForMany } from '${HEAP}';
const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size;
const churn = () => {
  const pages = [];
  for (let page = 0; page < 80; page++) {
    pages[page % 4] = Array.from({ length: 5000 }, (_, at) => ({ key: page + at, etag: [page, at] }));
  }
};
const ends = [];
const handler = withRoomForMany(() => new Promise((resolve) => ends.push(resolve)));
churn();
const lean = young();
const few = [handler(), handler(), handler()];
churn();
const trickle = young();
const many = [...few, handler(), handler()];
churn();
const roomy = young();
for (const end of ends) end({ batchItemFailures: [] });
await Promise.all(many);
console.log(JSON.stringify({ lean, trickle, roomy }));
`;

it('lets the young generation grow where many calls are under way, and only there', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', SCRIPT], { encoding: 'utf8' });

  const { lean, trickle, roomy } = JSON.parse(stdout || stderr);
  expect(roomy).toBeGreaterThan(3 * Math.max(lean, trickle));
});
