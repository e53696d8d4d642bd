import { describe, expect, it } from 'vitest';
import { defineTidemark, type TidemarkInput } from '../../lib/config/define.ts';
import { fromEnv } from '../../lib/config/from-env.ts';
import type { GatewayInput } from '../../lib/config/gateway-input.ts';
import type { Environment } from '../../lib/config/variable.ts';

const regions = { east: { folder: 'data/east' }, west: { folder: 'data/west' }, far: { folder: 'data/far' }, moon: { folder: 'data/moon' } };

function of(gateway: GatewayInput, routes: TidemarkInput['routes'] = [{ from: 'east', to: 'west', bidirectional: true }]) {
  return defineTidemark({ regions, routes, gateway }).gateway;
}

function refused(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_CONFIG' });
    return error instanceof Error ? error.message : '';
  }
  return 'it was accepted';
}

describe('a gateway', () => {
  it('stands over the bidirectional route, with defaults for everything', () => {
    expect(of({})).toMatchObject({
      route: { name: 'east-west' },
      first: 'east',
      mode: 'auto',
      leaseSec: 10,
      signing: { expiresSec: 900, maxExpiresSec: 3600, rules: [] },
      auditWrites: false,
    });
  });

  it('believes no token whose algorithm is not pinned', () => {
    const jwt = { issuer: 'https://login.example.com/', audience: 'tidemark' };

    expect(of({ jwt })?.jwt).toEqual({ ...jwt, algorithms: ['RS256'] });
    expect(refused(() => of({ jwt: { ...jwt, algorithms: ['HS256'] } }))).toContain('gateway.jwt.algorithms[0]');
    expect(refused(() => of({ jwt: { ...jwt, issuer: 'http://login.example.com/' } }))).toContain('gateway.jwt.issuer');
  });

  it.each<[string, GatewayInput, TidemarkInput['routes']]>([
    ['gateway.route: there is no bidirectional route', {}, [{ from: 'east', to: 'west' }]],
    ['gateway.route: there is no such route', { route: 'west-east' }, [{ from: 'east', to: 'west', bidirectional: true }]],
    ['gateway.route: the route goes one way', { route: 'east-west' }, [{ from: 'east', to: 'west' }]],
    ['gateway.route: the route leaves out keys', {}, [{ from: 'east', to: 'west', bidirectional: true, prefix: 'docs/' }]],
    ['gateway.route: the route leaves out keys or deletes', {}, [{ from: 'east', to: 'west', bidirectional: true, deletes: false }]],
    ['gateway.first: it is no end of the route', { first: 'far' }, [{ from: 'east', to: 'west', bidirectional: true }]],
    [
      'gateway.signing.expiresSec: it is more',
      { signing: { expiresSec: 10, maxExpiresSec: 5 } },
      [{ from: 'east', to: 'west', bidirectional: true }],
    ],
  ])('is refused: %s', (message, gateway, routes) => {
    expect(refused(() => of(gateway, routes))).toContain(message);
  });

  it('is told which one where there are two', () => {
    const routes = [
      { from: 'east', to: 'west', bidirectional: true },
      { from: 'far', to: 'moon', name: 'other', bidirectional: true },
    ];

    expect(of({ route: 'other' }, routes)?.route.name).toBe('other');
    expect(refused(() => of({}, routes))).toContain(
      'gateway.route: there is more than one bidirectional route. Name a route with bidirectional: true',
    );
  });
});

describe('a gateway by the environment', () => {
  it.each<[Environment, object]>([
    [{ ACTIVE_REGION: 'secondary' }, { first: 'secondary', mode: 'auto' }],
    [{ FAILOVER_MODE: 'manual' }, { first: 'primary', mode: 'manual' }],
    [{ PRESIGN_EXPIRES: '60' }, { signing: { expiresSec: 60, maxExpiresSec: 3600 } }],
  ])('is asked for by %j', (env, expected) => {
    const { config } = fromEnv(env);

    expect(config.gateway).toMatchObject(expected);
    expect(config.routes[0]).toMatchObject({ from: 'primary', to: 'secondary', bidirectional: {} });
  });

  it('is asked for by `serve --gateway`, which listens where the gateway alone does', () => {
    expect(fromEnv({}).config.gateway).toBeUndefined();
    expect(fromEnv({}, { gatewayAlone: true })).toMatchObject({ config: { gateway: { first: 'primary' } }, host: { port: 8110 } });
    expect(fromEnv({ PORT: '9000' }, { gatewayAlone: true }).host.port).toBe(9000);
  });

  it.each<[Environment, string]>([
    [{ ACTIVE_REGION: 'mars' }, 'ACTIVE_REGION: expected primary or secondary'],
    [{ FAILOVER_MODE: 'never' }, 'FAILOVER_MODE: expected auto or manual'],
    [{ PRESIGN_EXPIRES: '0' }, 'PRESIGN_EXPIRES: expected whole seconds'],
  ])('refuses %j', (env, message) => {
    expect(refused(() => fromEnv(env))).toContain(message);
  });
});
