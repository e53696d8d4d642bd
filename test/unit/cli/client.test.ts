import { describe, expect, it } from 'vitest';
import { ApiClient, ApiError } from '../../../lib/cli/client.ts';
import { deliveriesOf } from '../../../lib/cli/deliveries.ts';
import type { ApiRequest, Transport } from '../../../lib/cli/transport/transport.ts';

/** Answers one after another, and keeps what it was asked. */
function answering(...answers: readonly Response[]): { readonly client: ApiClient; readonly asked: ApiRequest[] } {
  const asked: ApiRequest[] = [];
  const left = [...answers];
  const transport: Transport = {
    where: 'http://host',
    howToAuthenticate: 'Bring a token.',
    send: async (request) => {
      asked.push(request);
      const answer = left.shift();
      if (!answer) throw new Error('asked once too often');
      return answer;
    },
  };
  return { client: new ApiClient(transport), asked };
}

const problem = (status: number, body: object): Response => new Response(JSON.stringify(body), { status, headers: { 'x-request-id': 'req-1' } });
const refusedWith = async (answer: Response): Promise<ApiError> => {
  const error: unknown = await answering(answer)
    .client.get('/x')
    .catch((thrown: unknown) => thrown);
  if (error instanceof ApiError) return error;
  throw new Error(`not refused: ${String(error)}`);
};

describe('the words for a refusal', () => {
  it.each<readonly [string, Response, number, string]>([
    [
      'one wrong field',
      problem(400, { detail: 'limit: too much', errors: [{ field: 'limit', message: 'too much', fix: 'Give 5.' }] }),
      2,
      'limit: too much. Give 5.',
    ],
    [
      'several',
      problem(400, { errors: ['a', 'b'].map((field) => ({ field, message: 'wrong', fix: 'Mend it.' })) }),
      2,
      '\n  a: wrong. Mend it.\n  b: wrong. Mend it.',
    ],
    ['a key that would repaint the terminal', problem(409, { detail: 'a\x1b[2Jb is held.' }), 1, 'a\\e[2Jb is held.'],
    ['a conflict', problem(409, { detail: 'it runs. Wait.' }), 1, 'it runs. Wait.'],
    [
      'a failure, with what finds it in the log',
      problem(503, { detail: 'No store. Try again.', instance: 'req-7' }),
      1,
      'No store. Try again. (request req-7)',
    ],
    ['no access', problem(403, { message: 'Forbidden' }), 1, 'http://host refused the request (403 Forbidden). Bring a token.'],
    [
      'a host that asks for no token, under another name',
      problem(403, { detail: 'Only localhost is answered. Set one there.' }),
      1,
      'http://host refused the request (403). Only localhost is answered. Set one there.',
    ],
    ['no words at all', new Response('<html>', { status: 502 }), 1, 'http://host answered 502'],
  ])('of %s', async (_what, answer, exitCode, message) => {
    expect(await refusedWith(answer)).toMatchObject({ exitCode, message });
  });

  it('of health are an answer', async () => {
    expect(await answering(problem(503, { status: 'failing' })).client.get('/healthz', {}, [503])).toEqual({ status: 'failing' });
  });
});

describe('the deliveries of a key', () => {
  const event = (key: string, srcRegion: string): object => ({ key, srcRegion });
  const routes = (...names: readonly string[]): Response => new Response(JSON.stringify({ routes: names.map((name) => ({ name })) }));
  const page = (...events: readonly object[]): Response => new Response(JSON.stringify({ events, cursor: 'more' }));

  it('are those of all routes, though the keys of each stand together', async () => {
    const { client } = answering(
      routes('one', 'two'),
      page(event('a', 'one'), event('a/b', 'one')),
      new Response(JSON.stringify({ events: [event('a', 'two')] })),
    );

    expect(await deliveriesOf(client, 'a')).toEqual([event('a', 'one'), event('a', 'two')]);
  });

  it('of the only route are not looked for behind them', async () => {
    const { client, asked } = answering(routes('one'), page(event('a', 'one'), event('a/b', 'one')));

    expect(await deliveriesOf(client, 'a')).toEqual([event('a', 'one')]);
    expect(asked).toHaveLength(2);
  });
});

describe('a paged list', () => {
  it('is read to its end, with what was asked for in each question', async () => {
    const { client, asked } = answering(new Response('{"events":[1,2],"cursor":"a/b"}'), new Response('{"events":[3]}'));

    const read: unknown[] = [];
    for await (const each of client.all('/events', 'events', { status: 'error', key: undefined })) read.push(each);

    expect(read).toEqual([1, 2, 3]);
    expect(asked.map(({ path }) => path)).toEqual(['/events?status=error', '/events?status=error&cursor=a%2Fb']);
  });

  it('is left after as many as are wanted, and says that there are more', async () => {
    const pages = answering(new Response('{"events":[1,2],"cursor":"c"}')).client.all('/events', 'events', {}, 2);

    expect([await pages.next(), await pages.next(), await pages.next()].at(-1)).toEqual({ done: true, value: { partial: true } });
  });

  it('of something else is no Tidemark', async () => {
    await expect(answering(new Response('{"items":[]}')).client.all('/events', 'events', {}).next()).rejects.toThrow(
      'Is it a Tidemark of this version?',
    );
  });
});
