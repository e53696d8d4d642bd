/** The OpenAPI 3.1 document of the API, made of what its endpoints declare. */
import type * as z from 'zod';
import { VERSION } from '../../../lib/core/version.ts';
import { AREAS } from '../areas.ts';
import type { Endpoint } from '../endpoint.ts';
import { Components } from './components.ts';
import type { OpenApi, Operation, Parameter } from './openapi.ts';
import { COMMON_HEADERS, commonResponses, responsesOf } from './responses.ts';
import { SECURITY_SCHEMES, securityOf } from './security.ts';

const DESCRIPTION = [
  'Carries every object change to another region, proves the copies are equal, and shows and repairs what went wrong.',
  'Every refusal is a problem (RFC 9457) that names the field and the fix; every answer names its request in `x-request-id`.',
  'Times are ms since the epoch, sizes bytes.',
].join(' ');

export function openApiOf(endpoints: readonly Endpoint[]): OpenApi {
  const components = new Components();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const endpoint of endpoints) {
    const path = documentedPath(endpoint.path);
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint, components) };
  }
  const used = Object.entries(AREAS).filter(([area]) => endpoints.some((each) => each.area === area));
  return {
    openapi: '3.1.1',
    info: { title: 'Tidemark', version: VERSION, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    tags: used.map(([name, description]) => ({ name, description })),
    paths,
    components: {
      responses: commonResponses(components),
      schemas: components.schemas,
      headers: COMMON_HEADERS,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

/** OpenAPI knows no parameter that takes several segments. */
export function documentedPath(path: string): string {
  return path.replace('+}', '}');
}

function operationOf(endpoint: Endpoint, components: Components): Operation {
  const { name, area, summary, description, params, query, body, bytes, ifEmpty, ownCheck } = endpoint;
  const parameters = [...parametersOf(components, 'path', params), ...parametersOf(components, 'query', query)];
  return {
    operationId: name,
    tags: [area],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: ifEmpty === undefined && !ownCheck, content: components.json(body, 'input') } } : {}),
    ...(bytes === undefined ? {} : { requestBody: { required: false, description: bytes, content: { '*/*': {} } } }),
    responses: responsesOf(endpoint, components),
    security: securityOf(endpoint),
  };
}

function parametersOf(components: Components, where: 'path' | 'query', schema: z.ZodType | undefined): readonly Parameter[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = components.of(schema, 'input');
  return Object.entries(properties).flatMap(([name, property]) => {
    if (typeof property === 'boolean') return [];
    const { description, ...rest } = property;
    return [{ name, in: where, required: required.includes(name), ...(description === undefined ? {} : { description }), schema: rest }];
  });
}
