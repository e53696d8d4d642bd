/** POST /backfill/keys (A7): copies the named keys again. */
import * as z from 'zod';
import { check, sentence, strict } from '../../lib/config/field-problems.ts';
import { sourceSide } from '../../lib/core/routes/route.ts';
import { type BackfilledKey, type BackfillKey, backfillKeys } from '../../lib/usecases/backfill-keys.ts';
import { endpoint } from './endpoint.ts';
import { checkedLater, key, routeFor } from './fields.ts';
import { badRequest } from './request.ts';
import { backfilledKeys } from './schemas/ingest.ts';
import { region } from './schemas/parts.ts';

const LOOK_MS = 10_000;

type Rejected = { readonly key: string | null; readonly status: 'rejected'; readonly reason: string };

export const backfillKeysEndpoint = endpoint({
  name: 'backfillKeys',
  method: 'POST',
  path: '/backfill/keys',
  area: 'backfill',
  summary: 'Copies the named keys again',
  description: 'Keys are checked one by one: a bad one is answered as rejected, and leaves its neighbours alone.',
  body: strict({ keys: z.array(checkedLater(key)).min(1).max(1000), srcRegion: region, dstRegion: region }).meta({
    id: 'BackfillKeys',
    examples: [{ keys: ['demo/hello.txt', 'gone.txt'], srcRegion: 'primary', dstRegion: 'secondary' }],
  }),
  answers: { 202: { description: 'One answer for each key.', json: backfilledKeys } },
  async handle({ body: { keys, ...ends } }, runtime) {
    const routed = keys.map((each): BackfillKey | Rejected => {
      const checked = check(key, each, 'key');
      if (!checked.ok) return { key: typeof each === 'string' ? each : null, status: 'rejected', reason: checked.problems.map(sentence).join(' ') };
      const route = routeFor(runtime, ends, checked.value);
      if (!('field' in route)) return { route, key: checked.value, side: sourceSide(route, ends) ?? 'from' };
      // Wrong ends are wrong for every key alike.
      if (route.field !== 'key') throw badRequest([route]);
      return { key: checked.value, status: 'rejected', reason: sentence(route) };
    });
    const answers = [
      ...(await backfillKeys(
        runtime,
        routed.filter((each) => 'route' in each),
        runtime.clock.now() + LOOK_MS,
      )),
    ];
    const results = routed.flatMap((each): (BackfilledKey | Rejected)[] => {
      const answer = 'route' in each ? answers.shift() : each;
      return answer ? [answer] : [];
    });
    const count = (status: string): number => results.filter((result) => result.status === status).length;
    const missing = results.flatMap((result) => (result.status === 'missing' ? [result.key] : []));
    return { status: 202, body: { accepted: count('accepted'), duplicate: count('duplicate'), rejected: count('rejected'), missing, results } };
  },
});
