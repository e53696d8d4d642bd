/** A rehearsal against a gateway that goes wrong where a real one seldom does. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FailoverView } from '../../../lib/cli/api-types.ts';
import { ApiClient } from '../../../lib/cli/client.ts';
import { assertCalm, type Rehearsed, rehearse } from '../../../lib/cli/drill/rehearse.ts';
import { hostTransport } from '../../../lib/cli/transport/host.ts';

const CALM: FailoverView = {
  phase: 'healthy',
  mode: 'auto',
  active: 'primary',
  replica: 'secondary',
  first: 'primary',
  epoch: 1,
  writes: 'open',
  writesInMs: 0,
  regions: { primary: { host: { failures: 0, answers: 3, problem: null } }, secondary: { host: { failures: 0, answers: 3, problem: null } } },
  crossing: { through: 1, open: 0, failedSince: null, ageMs: 1 },
  switches: [],
  problem: null,
};
const PATHS = { promote: '/admin/failover/promote', failback: '/admin/failover/failback', object: '/objects/.tidemark-canary/drill' };

/** What it does wrong. */
let wrong: { resting: number; refusals: number; lostAnswer?: boolean; otherBytes?: boolean; refusesPromotion?: boolean };
let held: string | null;
let active: string;
let server: Server;
let rehearsed: (signal?: AbortSignal) => Promise<Rehearsed>;
let onPromoted: () => void;

beforeEach(async () => {
  [wrong, held, active, onPromoted] = [{ resting: 0, refusals: 0 }, null, 'primary', () => undefined];
  server = createServer(async (request, response) => {
    const body = await text(request);
    const answer = (status: number, content: object | string = ''): void => {
      response.writeHead(status, { 'x-tidemark-region': active }).end(typeof content === 'string' ? content : JSON.stringify(content));
    };
    const switched = (to: string): void => {
      active = to;
      wrong.resting = 1;
      onPromoted();
      if (wrong.lostAnswer) response.destroy();
      else answer(200, { changed: true, epoch: 2, from: 'x', active, writesInMs: 100, crossing: null });
    };
    if (request.url === PATHS.promote) {
      if (wrong.refusesPromotion) return answer(409, { status: 409, detail: 'secondary is not fit' });
      return switched(JSON.parse(body).region);
    }
    if (request.url === PATHS.failback) return wrong.refusals-- > 0 ? answer(409, { status: 409, detail: 'primary is behind' }) : switched('primary');
    if (request.url !== PATHS.object) return answer(404, { status: 404, detail: `nobody asks ${request.url}` });
    if (request.method === 'GET') return held === null ? answer(404) : answer(200, wrong.otherBytes && active === 'secondary' ? 'others' : held);
    if (request.method === 'PUT' && wrong.resting-- > 0) return answer(503, { status: 503, detail: 'writes rest' });
    held = request.method === 'PUT' ? body : null;
    return request.method === 'PUT' ? answer(201, { region: active }) : answer(204);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  const transport = hostTransport(`http://127.0.0.1:${address.port}`, {});
  rehearsed = (signal = new AbortController().signal) => rehearse({ transport, api: new ApiClient(transport) }, CALM, signal);
});
afterEach(() => void server.close());

const failing = ({ steps }: Rehearsed): readonly string[] => steps.filter(({ ok }) => !ok).map(({ step, result }) => `${step}: ${result}`);

describe('a rehearsal', () => {
  it('waits until all has crossed before it is back, and leaves nothing', async () => {
    wrong.refusals = 1;

    const { steps, writesRestedMs, active: now, failed } = await rehearsed();

    expect({ ok: steps.every(({ ok }) => ok), steps: steps.length, now, failed, held, rests: writesRestedMs.length }).toEqual({
      ok: true,
      steps: 11,
      now: 'primary',
      failed: undefined,
      held: null,
      rests: 2,
    });
  });

  it('that finds other bytes has failed, and says where it stands', async () => {
    wrong.otherBytes = true;

    const ended = await rehearsed();

    expect(failing(ended)).toEqual(['read at secondary: secondary answered with something else than was written there']);
    expect(ended.active).toBe('secondary');
  });

  it('knows what is active where a promotion is refused, and that it does not where an answer is lost', async () => {
    wrong.refusesPromotion = true;
    const refused = await rehearsed();
    wrong = { resting: 0, refusals: 0, lostAnswer: true };
    const lost = await rehearsed();

    expect([failing(refused), refused.active]).toEqual([['promote secondary: secondary is not fit'], 'primary']);
    expect([lost.steps.at(-1)?.step, lost.steps.at(-1)?.ok, lost.active]).toEqual(['promote secondary', false, null]);
  });

  it('ends where it is told to', async () => {
    const ending = new AbortController();
    onPromoted = () => ending.abort();

    const ended = await rehearsed(ending.signal);

    expect(ended.failed).toMatchObject({ name: 'AbortError' });
    expect([held, ended.steps.at(-1)?.ok]).toEqual([null, false]);
  });
});

it.each<readonly [string, Partial<FailoverView>, RegExp | null]>([
  ['a calm gateway', {}, null],
  [
    'one that is failed over',
    { active: 'secondary', phase: 'failedOver' },
    /secondary is active, and not primary: end that first \(tidemark failover failback\)/,
  ],
  [
    'a region that fails',
    { regions: { ...CALM.regions, secondary: { host: { failures: 1, answers: 0, problem: 'x' } } } },
    /secondary fails its probes/,
  ],
  ['writes that rest', { writes: 'closed' }, /writes are not taken by primary now/],
  ['changes that failed', { crossing: { through: 1, open: 0, failedSince: 1, ageMs: 1 } }, /changes that failed have not crossed/],
  ['a switch a moment ago', { phase: 'held' }, /the gateway is held/],
  ['a control record that is away', { problem: { code: 'UNAVAILABLE', message: 'it is locked', fix: '' } }, /it is locked\. Nothing was begun/],
])('of %s: may a rehearsal begin?', (_what, state, words) => {
  const begin = (): void => assertCalm({ ...CALM, ...state });
  if (words) expect(begin).toThrow(words);
  else expect(begin).not.toThrow();
});
