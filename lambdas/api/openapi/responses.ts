import { STATUS_CODES } from 'node:http';
import type { AnswerSpec, Endpoint } from '../endpoint.ts';
import { problemView } from '../schemas/problem.ts';
import type { Components } from './components.ts';
import type { Content, FullResponse, Response } from './openapi.ts';

const INSTANCE = '6a1f2c0e-3b7d-4c51-9e8a-0d2f4b6a8c1e';
const REQUEST_ID = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };
const ETAG = { etag: { $ref: '#/components/headers/ETag' } };

export const COMMON_HEADERS = {
  RequestId: { description: 'Names the request, as the log does.', schema: { type: 'string' } },
  ETag: { description: 'Send it as `If-None-Match`, and what is as it was is answered by 304 alone.', schema: { type: 'string' } },
};

/** An example of what is told of a field. */
const FIELD = { field: 'keys', message: 'expected at least 1 entries, got 0', fix: 'Give at least 1 entries.' };

const REFUSALS = {
  BadRequest: {
    status: 400,
    description: 'What was sent is wrong; each field that is, and what to do.',
    detail: `${FIELD.field}: ${FIELD.message}`,
    errors: [FIELD],
  },
  Unauthorized: { status: 401, description: 'Nobody said who is asking, or wrongly.' },
  Forbidden: { status: 403, description: 'Who is asking may not.' },
  ContentTooLarge: { status: 413, description: 'A body is at most 1 MiB.' },
  Unexpected: { status: 503, description: 'Anything else: the store does not answer, or something broke; what to do.' },
} as const;

export function commonResponses(components: Components): Readonly<Record<string, FullResponse>> {
  const refusals = Object.entries(REFUSALS).map(([name, each]) => [name, refusal(components, each)] as const);
  const unchanged = { description: 'It is as the ETag of the request says: nothing is sent again.', headers: { ...REQUEST_ID, ...ETAG } };
  return { ...Object.fromEntries(refusals), NotModified: unchanged };
}

/** Its own answers and refusals, those that follow from what it takes, and one for all that is not foreseen. */
export function responsesOf(
  { method, params, query, body, access, answers, refusals = {} }: Endpoint,
  components: Components,
): Readonly<Record<string, Response>> {
  const own = Object.entries(answers).map(([status, spec]) => [status, answerOf(spec, method === 'GET' && status === '200', components)] as const);
  return {
    ...Object.fromEntries(own),
    ...(method === 'GET' && 200 in answers ? { 304: common('NotModified') } : {}),
    ...(params || query || body ? { 400: common('BadRequest') } : {}),
    ...(access === 'open' ? {} : { 401: common('Unauthorized'), 403: common('Forbidden') }),
    ...Object.fromEntries(
      Object.entries(refusals).map(([status, description]) => [status, refusal(components, { status: Number(status), description })]),
    ),
    ...(body ? { 413: common('ContentTooLarge') } : {}),
    default: common('Unexpected'),
  };
}

function answerOf(
  { description, json, text = {}, bytes, headers = {}, links = {} }: AnswerSpec,
  tagged: boolean,
  components: Components,
): FullResponse {
  const texts = Object.entries(text).map(([type, example]) => [type, { schema: { type: 'string' as const }, example }] as const);
  const content: Content = {
    ...(json ? components.json(json, 'output') : {}),
    ...Object.fromEntries(texts),
    ...(bytes === undefined ? {} : { '*/*': {} }),
  };
  const own = Object.entries(headers).map(([name, meaning]) => [name, { description: meaning, schema: { type: 'string' } }] as const);
  return {
    description,
    headers: { ...REQUEST_ID, ...(tagged ? ETAG : {}), ...Object.fromEntries(own) },
    ...(Object.keys(content).length > 0 ? { content } : {}),
    ...(Object.keys(links).length > 0 ? { links: linksOf(links) } : {}),
  };
}

function linksOf(links: NonNullable<AnswerSpec['links']>): NonNullable<FullResponse['links']> {
  const linked = Object.entries(links).map(([operationId, places]) => {
    const parameters = Object.entries(places).map(([name, pointer]) => [name, `$response.body#${pointer}`] as const);
    return [operationId, { operationId, parameters: Object.fromEntries(parameters) }] as const;
  });
  return Object.fromEntries(linked);
}

function refusal(components: Components, { status, description, ...more }: { readonly status: number; readonly description: string }): FullResponse {
  const example = { type: 'about:blank', title: STATUS_CODES[status] ?? '', status, detail: description, instance: INSTANCE, ...more };
  return { description, headers: REQUEST_ID, content: { 'application/problem+json': { schema: components.of(problemView, 'output'), example } } };
}

function common(name: keyof typeof REFUSALS | 'NotModified'): Response {
  return { $ref: `#/components/responses/${name}` };
}
