/** GET /openapi.json: what the API takes and answers, for programs. */
import * as z from 'zod';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { OpenApi } from './openapi.ts';

export function openApiEndpoint(document: () => OpenApi): Endpoint {
  return endpoint({
    name: 'openApi',
    method: 'GET',
    path: '/openapi.json',
    area: 'about',
    summary: 'This description, as OpenAPI 3.1',
    access: 'open',
    answers: { 200: { description: 'The document.', json: z.looseObject({ openapi: z.literal('3.1.1') }) } },
    handle: async () => ({ status: 200, body: { ...document() } }),
  });
}
