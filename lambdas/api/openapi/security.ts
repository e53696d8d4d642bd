import type { Endpoint } from '../endpoint.ts';

export const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer', description: 'Embedded: the value of API_TOKEN. Where none is set, requests to localhost need none.' },
  eventsToken: { type: 'http', scheme: 'bearer', description: 'Embedded: the value of EVENTS_TOKEN, for a store that sends events.' },
  objectsToken: { type: 'http', scheme: 'bearer', description: 'Embedded: the value of OBJECTS_TOKEN, for who reads and writes objects.' },
  sigv4: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    'x-amazon-apigateway-authtype': 'awsSigv4',
    description: 'On AWS: a request that is signed (Signature Version 4, service execute-api) by someone who may invoke the API.',
  },
  jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'On AWS, where the configuration names an issuer: a token of it.' },
} as const;

const ON_AWS = [{ sigv4: [] }, { jwt: [] }];

/** Any one of them will do; an empty one: nothing is asked. */
export function securityOf({ access = 'operator' }: Pick<Endpoint, 'access'>): readonly Readonly<Record<string, readonly string[]>>[] {
  switch (access) {
    case 'open':
      return [{}, ...ON_AWS];
    case 'events':
      return [{ token: [] }, { eventsToken: [] }, ...ON_AWS];
    case 'objects':
      return [{ token: [] }, { objectsToken: [] }, ...ON_AWS];
    case 'operator':
      return [{ token: [] }, ...ON_AWS];
  }
}
