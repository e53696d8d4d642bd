/** GET /verify/key: what reports are signed with. */
import { keyId } from '../../lib/usecases/verify/signature.ts';
import { endpoint } from './endpoint.ts';
import { keyView } from './schemas/verify.ts';

export const verifyKeyEndpoint = endpoint({
  name: 'verifyKey',
  method: 'GET',
  path: '/verify/key',
  area: 'verify',
  summary: 'The public key of reports',
  description: 'Keep it elsewhere: a report is proven by a key that whoever touched the report could not exchange.',
  answers: { 200: { description: 'The key.', json: keyView } },
  async handle(_request, { signer }) {
    const publicKey = await signer.publicKey();
    return { status: 200, body: { algorithm: signer.algorithm, keyId: keyId(publicKey), publicKey } };
  },
});
