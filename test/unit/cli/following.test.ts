/** `events follow`: each change once, among any number of deliveries. */
import { describe, expect, it } from 'vitest';
import { ApiClient } from '../../../lib/cli/client.ts';
import { Following } from '../../../lib/cli/following.ts';

const NOW = 1_800_000_000_000;
const MANY = 30_000;

interface Event {
  readonly id: string;
  readonly status: string;
  readonly updatedAt: number;
}

/** Answers as the API does: by place, and what changed since. `asked` holds the most entries that any one look was given. */
function serving(events: Map<string, Event>): { readonly client: ApiClient; readonly given: { most: number; queries: URLSearchParams[] } } {
  const given = { most: 0, queries: [] as URLSearchParams[] };
  let look = 0;
  const client = new ApiClient({
    where: 'http://host',
    howToAuthenticate: '',
    send: async ({ path }) => {
      const { pathname, searchParams: query } = new URL(path, 'http://host');
      if (pathname !== '/events') return Response.json({});
      const from = Number(query.get('cursor') ?? 0);
      if (from === 0) {
        look = 0;
        given.queries.push(query);
      }
      const page = [...events.values()].slice(from, from + 5_000);
      const shown = page.filter(({ updatedAt }) => updatedAt >= Number(query.get('since')));
      look += shown.length;
      given.most = Math.max(given.most, look);
      return Response.json({ events: shown, ...(from + 5_000 < events.size ? { cursor: String(from + 5_000) } : {}) });
    },
  });
  return { client, given };
}

describe('following', () => {
  it('tells each change once, and is given but what changed lately, however many deliveries there are', async () => {
    const events = new Map(Array.from({ length: MANY }, (_, n) => [`${n}`, { id: `${n}`, status: 'done', updatedAt: NOW - 3_600_000 }]));
    const { client, given } = serving(events);
    let now = NOW;
    const following = new Following(client, { status: undefined, keyLike: 'a/' }, () => now);
    const looked = async (): Promise<readonly string[]> => {
      const told: string[] = [];
      for await (const { id, status } of following.look()) told.push(`${id} ${status}`);
      return told;
    };
    const change = (id: string, status: string, updatedAt: number): unknown => events.set(id, { id, status, updatedAt });

    change('5', 'done', NOW - 10);
    expect(await looked()).toEqual([]);
    change('7', 'pending', NOW + 10);
    // Of a clock that is behind, and behind the place where the look was when it happened.
    change('29999', 'done', NOW - 20_000);
    now += 5_000;
    expect(await looked()).toEqual(['7 pending', '29999 done']);
    change('7', 'done', NOW + 10);
    now += 5_000;
    expect(await looked()).toEqual(['7 done']);
    now += 5_000;
    expect(await looked()).toEqual([]);

    expect(given.most).toBe(3);
    expect(given.queries.at(-1)?.get('keyLike')).toBe('a/');
    expect(given.queries.map((query) => Number(query.get('since')) - NOW)).toEqual([-60_000, -60_000, -55_000, -50_000]);
  });

  it.each([
    ['ahead', 3_600_000],
    ['behind', -3_600_000],
  ])('goes by the clock of the other end, where its own is %s', async (_case, ms) => {
    const there = Date.now() - ms;
    const event = { id: '1', status: 'done', updatedAt: there + 5_000 };
    const client = new ApiClient({
      where: 'http://host',
      howToAuthenticate: '',
      send: async ({ path }) => {
        const since = Number(new URL(path, 'http://host').searchParams.get('since') ?? 0);
        const events = [{ ...event, id: '0', updatedAt: there - 120_000 }, event].filter(({ updatedAt }) => updatedAt >= since);
        return Response.json({ events }, { headers: { date: new Date(there).toUTCString() } });
      },
    });
    const told: string[] = [];
    for await (const { id } of new Following(client, { status: undefined, keyLike: undefined }).look()) told.push(id);
    expect(told).toEqual(['1']);
  });

  it('tells what happens while it looks for the first time', async () => {
    const { client } = serving(new Map([['1', { id: '1', status: 'done', updatedAt: NOW + 1 }]]));
    const told: string[] = [];
    for await (const { id } of new Following(client, { status: undefined, keyLike: undefined }, () => NOW).look()) told.push(id);
    expect(told).toEqual(['1']);
  });
});
