/** How long a command asks where nothing answers. */
import { describe, expect, it } from 'vitest';
import { ApiClient } from '../../../lib/cli/client.ts';
import { CliError, NoAnswerError } from '../../../lib/cli/exit.ts';
import type { Patience } from '../../../lib/cli/patience.ts';
import { withWayBack } from '../../../lib/cli/watch.ts';

const GONE = new NoAnswerError('nothing answers');
const answer = (status: number): Response => new Response(JSON.stringify({ detail: `told ${status}` }), { status });
/** Its connection is lost in the middle of it. */
const broken = (): Response => new Response(new ReadableStream({ start: (controller) => controller.error(new TypeError('terminated')) }));

/** @param script what is answered, one after another; the last one for ever */
function asking(script: readonly (() => Response)[], patience: Partial<Patience> = {}): { readonly client: ApiClient; readonly asked: () => number } {
  let asked = 0;
  const transport = {
    where: 'http://host',
    howToAuthenticate: '',
    send: async (): Promise<Response> => {
      asked += 1;
      const next = script[Math.min(asked, script.length) - 1];
      if (!next) throw new Error('nothing was scripted');
      return next();
    },
  };
  return { client: new ApiClient(transport).patient({ signal: new AbortController().signal, ...patience }), asked: () => asked };
}
const gone = (): never => {
  throw GONE;
};
const fine = (): Response => answer(200);

describe('long work', () => {
  it.each<readonly [string, () => Response]>([
    ['nothing answers', gone],
    ['a host that is about to end answers 503', () => answer(503)],
    ['the answer breaks off', broken],
  ])('is asked for again where %s, which is said once', async (_what, outage) => {
    const said: string[] = [];
    const { client, asked } = asking([fine, outage, outage, fine], { say: (words) => void said.push(words) });

    await client.get('/first');

    expect(await client.get('/x')).toEqual({ detail: 'told 200' });
    expect(asked()).toBe(4);
    expect(said).toEqual([expect.stringMatching(/Asking again for 30 s\.$/)]);
  });

  it('that nobody answers about in time is given up', async () => {
    const { client, asked } = asking([fine, gone], { forMs: 20 });
    await client.get('/first');

    await expect(client.get('/x')).rejects.toBe(GONE);
    expect(asked()).toBeGreaterThan(2);
  });

  it('of a host that never answered is not waited for', async () => {
    const { client, asked } = asking([gone]);

    await expect(client.get('/x')).rejects.toBe(GONE);
    expect(asked()).toBe(1);
  });

  it('that is refused is not asked for again', async () => {
    const { client, asked } = asking([fine, () => answer(404)]);
    await client.get('/first');

    await expect(client.get('/x')).rejects.toThrow('told 404');
    expect(asked()).toBe(2);
  });

  it('ends with Ctrl-C', async () => {
    const stop = new AbortController();
    const { client, asked } = asking([fine, gone], { signal: stop.signal, say: () => stop.abort() });
    await client.get('/first');

    await expect(client.get('/x')).rejects.toBe(GONE);
    expect(asked()).toBe(2);
  });

  it('is never begun twice', async () => {
    const { client, asked } = asking([fine, gone]);
    await client.get('/first');

    await expect(client.post('/verify')).rejects.toBe(GONE);
    expect(asked()).toBe(2);
  });

  it('that is given up names the command that comes back to it', () => {
    expect(withWayBack(GONE, 'tidemark verify watch v-1')).toMatchObject({
      message: 'nothing answers\nWhat was begun may go on without this command. Come back to it: tidemark verify watch v-1',
      exitCode: 1,
    });
    expect(withWayBack(GONE, 'x')).toBeInstanceOf(CliError);
  });
});
