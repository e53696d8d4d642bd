import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { endpoint } from '../../lambdas/api/endpoint.ts';
import { ENDPOINTS } from '../../lambdas/api/endpoints.ts';
import { documentedPath, openApiOf } from '../../lambdas/api/openapi/document.ts';
import { POLICY, pageOf } from '../../lambdas/api/openapi/page.ts';
import { VERSION } from '../../lib/core/version.ts';
import { DOCUMENT, violations } from '../fixtures/documented.ts';

const operations = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ where: `${method.toUpperCase()} ${path}`, path, method, operation })),
);

/** One more endpoint, with what is not to be believed in its words. */
const NASTY = endpoint({
  name: 'nasty',
  method: 'GET',
  path: '/<script>alert(1)</script>',
  area: 'watch',
  summary: '`<img src=x onerror=alert(1)>` & "quotes"',
  query: z.strictObject({ 'q"><b>': z.optional(z.string()).meta({ description: "<i>'" }) }),
  answers: {
    200: { description: '<u>', json: z.object({ '<x>': z.string() }).meta({ id: 'A<b>', description: '</table>', examples: [{ '<x>': '</pre>' }] }) },
  },
  handle: async () => ({ status: 200, body: { '<x>': '' } }),
});

describe('the OpenAPI document', () => {
  it('is one of version 3.1, by a validator of others', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(DOCUMENT)));

    expect({ valid, errors }).toEqual({ valid: true });
  });

  it('has the version of the package', () => {
    const manifest: { version: string } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));

    expect(VERSION).toBe(manifest.version);
    expect(DOCUMENT.info.version).toBe(VERSION);
  });

  it('holds every endpoint once, under a name of its own', () => {
    expect(operations.map(({ where }) => where).sort()).toEqual(ENDPOINTS.map(({ method, path }) => `${method} ${documentedPath(path)}`).sort());
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(ENDPOINTS.length);
  });

  it.each(operations)(
    'tells of $where what goes in and comes out, with examples that are true, and how it is refused',
    ({ path, method, operation }) => {
      const place = `paths/${path.replaceAll('/', '~1')}/${method}`;
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const { parameters = [], requestBody, responses, summary } = operation;

      expect(summary).not.toBe('');
      expect(parameters.filter((each) => each.in === 'path').map(({ name, required }) => [name, required])).toEqual(
        inPath.map((name) => [name, true]),
      );
      expect(
        parameters.filter(({ description, schema }) => description === undefined && schema.examples === undefined && schema.enum === undefined),
      ).toEqual([]);
      if (requestBody) checkExamples(`${place}/requestBody`, requestBody.content);
      expect(Object.keys(responses)).toContain('default');
      for (const [status, response] of Object.entries(responses)) {
        if ('$ref' in response) expect(DOCUMENT.components.responses).toHaveProperty(response.$ref.split('/').at(-1) ?? '');
        else checkExamples(`${place}/responses/${status}`, response.content ?? {});
      }
    },
  );

  it('names the next thing to ask by operations and parameters that there are', () => {
    const links = operations.flatMap(({ operation }) =>
      Object.values(operation.responses).flatMap((response) => ('links' in response ? Object.values(response.links ?? {}) : [])),
    );
    const parametersOf = (wanted: string): readonly string[] =>
      (operations.find(({ operation }) => operation.operationId === wanted)?.operation.parameters ?? []).map(({ name }) => name);

    expect(links.map(({ operationId }) => operationId)).toContain('cancelBackfill');
    for (const { operationId, parameters } of links) expect(parametersOf(operationId)).toEqual(expect.arrayContaining(Object.keys(parameters)));
  });

  function checkExamples(pointer: string, content: Readonly<Record<string, { readonly example?: unknown }>>): void {
    for (const [type, { example }] of Object.entries(content)) {
      // Bytes of any type are of no schema.
      if (type === '*/*' || (type === 'application/json' && pointer.includes('openapi.json'))) continue;
      expect(example, `${pointer} has an example`).toBeDefined();
      expect(violations(`${pointer}/content/${type.replaceAll('/', '~1')}/schema`, example), pointer).toEqual([]);
    }
  }

  it('refuses two schemas of one name', () => {
    const other = (status: 200 | 201) =>
      endpoint({
        name: `n${status}`,
        method: 'GET',
        path: `/n${status}`,
        area: 'watch',
        summary: 'One of two',
        answers: { 200: { description: '', json: z.object({ [`f${status}`]: z.string() }).meta({ id: 'Same' }) } },
        handle: async () => ({ status: 200, body: { f200: '', f201: '' } }),
      });

    expect(() => openApiOf([other(200), other(201)])).toThrow('two schemas are called Same');
  });
});

describe('the page of the documentation', () => {
  it('shows every endpoint and schema, and loads nothing', () => {
    const page = pageOf(DOCUMENT);

    for (const { operation } of operations) expect(page).toContain(`<h3 id="${operation.operationId}">`);
    for (const name of Object.keys(DOCUMENT.components.schemas)) expect(page).toContain(`<h3 id="schema-${name}">`);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`id="${target}"`);
    expect(page).not.toMatch(/<script|<link|<img|\bsrc=|@import|url\(|href="https?:/i);
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
    expect(POLICY).toContain(`default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
  });

  it('takes no word of an endpoint for HTML', () => {
    const page = pageOf(openApiOf([...ENDPOINTS, NASTY]));

    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toMatch(/<script|<img|<i>|<u>|<x>|"><b>/);
    expect(page.match(/<\/table>/g)?.length).toBe(page.match(/<table>/g)?.length);
    expect(page.match(/<\/pre>/g)?.length).toBe(page.match(/<pre>/g)?.length);
  });
});
