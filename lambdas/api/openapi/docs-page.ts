/** GET /api/docs: the same, for people. */
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { OpenApi } from './openapi.ts';
import { POLICY, pageOf } from './page.ts';

const HTML = 'text/html; charset=utf-8' as const;

export function docsPageEndpoint(document: () => OpenApi): Endpoint {
  return endpoint({
    name: 'docs',
    method: 'GET',
    path: '/api/docs',
    area: 'about',
    summary: 'This description, as a page that works offline',
    access: 'open',
    answers: { 200: { description: 'The page.', text: { [HTML]: '<!doctype html>…' } } },
    handle: async () => ({
      status: 200,
      type: HTML,
      body: pageOf(document()),
      headers: { 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' },
    }),
  });
}
