/** What a person writes of the gateway, and what it means. */
import * as z from 'zod';
import { TidemarkError } from '../core/errors.ts';
import type { Route } from '../core/routes/route.ts';
import type { GatewayConfig, JwtConfig, SigningConfig } from './config.ts';
import { rule, strict } from './field-problems.ts';
import { isLoopback } from './host.ts';

const prefix = rule(
  z.string(),
  (text) => Buffer.byteLength(text) <= 1024,
  'a prefix is the beginning of a key',
  'Give 1,024 bytes of UTF-8 at most.',
);

/** SigV4's own bound: a week. */
const WEEK_SEC = 7 * 86_400;
const expires = z.int().min(1).max(WEEK_SEC);

const httpsUrl = rule(
  z.string(),
  isHttps,
  'expected an https address, or an http address of this machine',
  'Give it as "https://login.example.com/".',
);

/** None by a shared secret: who can check such a token can make one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

export const gatewaySchema = strict({
  route: z.optional(z.string()),
  first: z.optional(z.string()),
  mode: z.optional(z.enum(['auto', 'manual'])),
  leaseSec: z.optional(z.int().min(3).max(300)),
  controlRegion: z.optional(
    rule(z.string(), (text) => /^[a-z0-9-]{1,64}$/.test(text), 'a region of AWS is named like eu-west-1', 'Give a third region, as "eu-central-1".'),
  ),
  signing: z.optional(
    strict({
      expiresSec: z.optional(expires),
      maxExpiresSec: z.optional(expires),
      rules: z.optional(z.array(strict({ prefix, allow: z.array(z.enum(['get', 'put'])).max(2), maxExpiresSec: z.optional(expires) })).max(100)),
    }),
  ),
  jwt: z.optional(
    strict({
      issuer: httpsUrl,
      audience: z.string().min(1).max(1024),
      algorithms: z.optional(z.array(z.enum(ALGORITHMS)).min(1)),
      jwksUrl: z.optional(httpsUrl),
    }),
  ),
  auditWrites: z.optional(z.boolean()),
});

export type CheckedGateway = z.infer<typeof gatewaySchema>;

interface Problem {
  readonly path: readonly string[];
  readonly message: string;
  readonly fix: string;
}

interface Shape {
  readonly routes: readonly {
    readonly from: string;
    readonly to: string;
    readonly name?: string | undefined;
    readonly bidirectional?: unknown;
    readonly prefix?: string | undefined;
    readonly deletes?: boolean | undefined;
    readonly destinationPrefix?: string | undefined;
  }[];
  readonly gateway?: CheckedGateway | undefined;
}

/** Whether the gateway fits the routes: it stands over one bidirectional route of all keys, since it fails back over it. */
export function* gatewayProblems({ routes, gateway }: Shape): Generator<Problem> {
  if (!gateway) return;
  const pairs = routes.filter(({ bidirectional }) => bidirectional !== undefined);
  const named = gateway.route === undefined ? pairs : routes.filter((each) => (each.name ?? `${each.from}-${each.to}`) === gateway.route);
  const [route] = named;
  const known = pairs.map((each) => each.name ?? `${each.from}-${each.to}`).join(', ') || 'none';
  if (!route || named.length > 1) {
    const message = route
      ? 'there is more than one bidirectional route'
      : gateway.route === undefined
        ? 'there is no bidirectional route'
        : 'there is no such route';
    yield { path: ['gateway', 'route'], message, fix: `Name a route with bidirectional: true. There are: ${known}.` };
    return;
  }
  if (route.bidirectional === undefined) {
    yield {
      path: ['gateway', 'route'],
      message: 'the route goes one way: failing back would lose what was written meanwhile',
      fix: 'Give that route bidirectional: true.',
    };
  }
  if ((route.prefix ?? '') !== '' || route.deletes === false) {
    yield {
      path: ['gateway', 'route'],
      message: 'the route leaves out keys or deletes, which would be lost to readers after a switch',
      fix: 'Take prefix and deletes: false off that route.',
    };
  }
  if (gateway.first !== undefined && gateway.first !== route.from && gateway.first !== route.to) {
    yield { path: ['gateway', 'first'], message: 'it is no end of the route', fix: `Give ${route.from} or ${route.to}.` };
  }
  const { expiresSec = DEFAULT_EXPIRES_SEC, maxExpiresSec = Math.max(DEFAULT_MAX_SEC, expiresSec) } = gateway.signing ?? {};
  if (expiresSec > maxExpiresSec) {
    yield { path: ['gateway', 'signing', 'expiresSec'], message: 'it is more than maxExpiresSec', fix: `Give at most ${maxExpiresSec}.` };
  }
}

const DEFAULT_EXPIRES_SEC = 900;
const DEFAULT_MAX_SEC = 3600;
const DEFAULT_LEASE_SEC = 10;

/** @param routes resolved */
export function resolveGateway(gateway: CheckedGateway, routes: readonly Route[]): GatewayConfig {
  const { first, mode = 'auto', leaseSec = DEFAULT_LEASE_SEC, controlRegion, signing = {}, jwt, auditWrites = false } = gateway;
  const route = routes.find(({ name, bidirectional }) => (gateway.route === undefined ? bidirectional !== undefined : name === gateway.route));
  if (!route) throw new TidemarkError('INVALID_CONFIG', 'gateway.route: there is no such route', { route: gateway.route });
  return {
    route,
    first: first ?? route.from,
    mode,
    leaseSec,
    ...(controlRegion === undefined ? {} : { controlRegion }),
    signing: resolveSigning(signing),
    ...(jwt === undefined ? {} : { jwt: resolveJwt(jwt) }),
    auditWrites,
  };
}

function resolveSigning({ expiresSec = DEFAULT_EXPIRES_SEC, maxExpiresSec, rules = [] }: NonNullable<CheckedGateway['signing']>): SigningConfig {
  return {
    expiresSec,
    maxExpiresSec: maxExpiresSec ?? Math.max(DEFAULT_MAX_SEC, expiresSec),
    rules: rules.map(({ prefix: below, allow, maxExpiresSec: most }) => ({
      prefix: below,
      allow,
      ...(most === undefined ? {} : { maxExpiresSec: most }),
    })),
  };
}

function resolveJwt({ issuer, audience, algorithms = ['RS256'], jwksUrl }: NonNullable<CheckedGateway['jwt']>): JwtConfig {
  return { issuer, audience, algorithms, ...(jwksUrl === undefined ? {} : { jwksUrl }) };
}

function isHttps(text: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}
