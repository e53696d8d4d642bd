/** POST /verify (A13): are both sides equal? */
import { strict } from '../../lib/config/field-problems.ts';
import { endpoint } from './endpoint.ts';
import { verifyView } from './schemas/verify.ts';
import { begin, NEXT, SCOPE } from './verify-view.ts';

const body = strict(SCOPE).meta({ id: 'StartVerify', examples: [{ srcRegion: 'primary', dstRegion: 'secondary', prefix: 'demo/' }] });

export const startVerifyEndpoint = endpoint({
  name: 'startVerify',
  method: 'POST',
  path: '/verify',
  area: 'verify',
  summary: 'Compares both sides',
  description: 'By both listings and the records; objects are looked at where those cannot tell, and read byte by byte where `deep` asks for it.',
  body,
  answers: { 202: { description: 'It has begun.', json: verifyView, links: NEXT } },
  refusals: { 409: 'Another one runs on some of the keys; `location` names it.' },
  async handle({ body: asked }, runtime) {
    return { status: 202, body: await begin(runtime, 'verify', asked) };
  },
});
