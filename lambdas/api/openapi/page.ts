/** The document as one page of HTML: no script, nothing from elsewhere, so that it opens without a network. */
import { createHash } from 'node:crypto';
import { code, escaped, prose, typeOf } from './html.ts';
import type { Content, FullResponse, JsonSchema, OpenApi, Operation, Response } from './openapi.ts';

const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font:.875rem/1.45 ui-monospace,monospace}pre{padding:.75rem;overflow:auto;border:1px solid #8886;border-radius:.25rem}
h2{margin-top:3rem}h3{margin:2.5rem 0 0}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-top:1px solid #8884}
nav ul,ul.flat{list-style:none;padding:0}summary{cursor:pointer}.method{display:inline-block;min-width:3.5rem}`;

/** Nothing is loaded, run or framed; the one style is named by its hash. */
export const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

type Components = OpenApi['components'];

export function pageOf({ info, tags, paths, components }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, each]) => ({ path, method, each })));
  const of = (tag: string) => operations.filter(({ each }) => each.tags.includes(tag));
  const links = tags.map(
    ({ name }) =>
      `<li><b>${escaped(name)}</b><ul>${of(name)
        .map(({ path, method, each }) => `<li>${link(path, method, each)}</li>`)
        .join('')}</ul></li>`,
  );
  const chapters = tags.map(({ name, description }) => {
    const sections = of(name).map(({ path, method, each }) => section(path, method, each, components));
    return `<h2 id="${escaped(name)}">${escaped(name)}</h2><p>${prose(description)}</p>${sections.join('')}`;
  });
  const ways = Object.entries(components.securitySchemes).map(([name, { description }]) => row(code(name), prose(description)));
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `<h3 id="schema-${escaped(name)}">${escaped(name)}</h3>${fields(schema)}`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(info.title)} API</title><style>${STYLE}</style></head><body>
<h1>${escaped(info.title)} API <small>${escaped(info.version)}</small></h1><p>${prose(info.description)}</p><p>For programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
<nav><ul>${links.join('')}</ul></nav>${chapters.join('')}<h2 id="access">access</h2>${table(ways)}<h2 id="schemas">Schemas</h2>${schemas.join('')}</body></html>`;
}

function link(path: string, method: string, { operationId, summary }: Operation): string {
  return `<a href="#${escaped(operationId)}"><code><span class="method">${method.toUpperCase()}</span> ${escaped(path)}</code></a> ${prose(summary)}`;
}

function section(path: string, method: string, operation: Operation, components: Components): string {
  const { operationId, summary, description, parameters = [], requestBody, responses, security } = operation;
  const rows = parameters.map(({ name, in: where, required, description: meaning = '', schema }) =>
    row(`${code(name)}${required ? '' : ' (optional)'}`, `${where}, ${typeOf(schema)}`, prose(meaning)),
  );
  const ways = security.map((way) => Object.keys(way).join(' and ') || 'nothing').join(' or ');
  const answers = Object.entries(responses).map(([status, response]) => {
    const { description: meaning, content = {} } = resolved(response, components);
    return row(code(status), types(content), `${prose(meaning)}${examples(content)}`);
  });
  return `<h3 id="${escaped(operationId)}"><code>${method.toUpperCase()} ${escaped(path)}</code></h3><p>${prose(summary)}.${description === undefined ? '' : ` ${prose(description)}`}</p>
<p><small><a href="#access">Asks for</a> ${escaped(ways)}.</small></p>${rows.length > 0 ? table(rows) : ''}${requestBody ? `<p>Body${requestBody.required ? '' : ' (optional)'}: ${types(requestBody.content)}</p>${examples(requestBody.content)}` : ''}${table(answers)}`;
}

function resolved(response: Response, components: Components): FullResponse {
  if (!('$ref' in response)) return response;
  return components.responses[response.$ref.replace('#/components/responses/', '')] ?? { description: '' };
}

function types(content: Content): string {
  return Object.entries(content)
    .map(([type, { schema = {} }]) => `${typeOf(schema)} <small>${escaped(type)}</small>`)
    .join('<br>');
}

function examples(content: Content): string {
  const shown = Object.values(content).filter(({ example }) => example !== undefined);
  return shown
    .map(
      ({ example }) =>
        `<details><summary>Example</summary><pre>${escaped(typeof example === 'string' ? example : JSON.stringify(example, null, 2))}</pre></details>`,
    )
    .join('');
}

function fields({ description, properties = {}, required = [] }: JsonSchema): string {
  const rows = Object.entries(properties).map(([name, property]) => {
    const schema = typeof property === 'boolean' ? {} : property;
    return row(`${code(name)}${required.includes(name) ? '' : ' (optional)'}`, typeOf(schema), prose(schema.description ?? ''));
  });
  return `${description === undefined ? '' : `<p>${prose(description)}</p>`}${table(rows)}`;
}

function table(rows: readonly string[]): string {
  return `<table>${rows.join('')}</table>`;
}

function row(...cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}
