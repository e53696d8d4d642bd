/** POST /objects: an object in JSON (B1). */
import * as z from 'zod';
import { rule, strict } from '../../lib/config/field-problems.ts';
import { putObject } from '../../lib/usecases/gateway/write-object.ts';
import { endpoint } from '../api/endpoint.ts';
import { key } from '../api/fields.ts';
import { gatewayOf } from './gateway-of.ts';
import { contentType as contentTypeField, shownStored, storedView } from './schemas.ts';
import { asWriteProblem } from './write-problem.ts';

const base64 = rule(
  z.string(),
  (text) => Buffer.from(text, 'base64').toString('base64') === text,
  'it is not base64',
  'Give the bytes in base64, with its padding.',
);

export const postObjectEndpoint = endpoint({
  name: 'postObject',
  method: 'POST',
  path: '/objects',
  area: 'objects',
  summary: 'Writes a small object that comes in JSON',
  description: 'As PUT /objects/{key}. Without a key it gets one of its own (a UUID).',
  access: 'objects',
  body: strict({ dataBase64: base64, key: z.optional(key), contentType: z.optional(contentTypeField) }).meta({
    id: 'PostObject',
    examples: [{ dataBase64: 'aGVsbG8=', key: 'docs/hello.txt', contentType: 'text/plain' }],
  }),
  answers: { 201: { description: 'It is stored at the active region, and its change is on its way.', json: storedView } },
  refusals: { 503: 'Nobody may write now, or the region does not answer.' },
  async handle({ body: { dataBase64, key: given, contentType }, actor }, runtime) {
    const { writes } = gatewayOf(runtime);
    const named = given ?? runtime.ids.next();
    const bytes = Buffer.from(dataBase64, 'base64');
    const options = { size: bytes.length, headers: contentType === undefined ? {} : { contentType }, metadata: {}, by: actor };
    const written = await putObject(writes, named, bytes, options).catch(asWriteProblem);
    return { status: 201, body: shownStored(named, written) };
  },
});
