/** What the stacks of a gateway tell its functions, and where they say that its parts lie. */
import { describe, expect, it } from 'vitest';
import type { TidemarkConfig } from '../../lib/config/config.ts';
import { defineTidemark, type TidemarkInput } from '../../lib/config/define.ts';
import { type GatewayEnv, gatewayEnv, readGatewayEnv } from '../../lib/config/gateway-env.ts';
import { controlPlace, headsRegion } from '../../lib/config/gateway-places.ts';

function configOf(gateway: NonNullable<TidemarkInput['gateway']> = {}, awsRegions: readonly [string, string] = ['eu-west-1', 'us-east-1']) {
  const config: TidemarkConfig = defineTidemark({
    name: 'acme',
    regions: {
      one: { bucket: { existing: 'bucket-one' }, awsRegion: awsRegions[0] },
      two: { bucket: { existing: 'bucket-two' }, awsRegion: awsRegions[1] },
    },
    routes: [{ from: 'one', to: 'two', bidirectional: true }],
    gateway,
  });
  if (!config.gateway) throw new Error('a gateway was given');
  return { ...config, gateway: config.gateway };
}

const TOLD: GatewayEnv = { config: configOf(), stack: 'acme-two', here: 'two', headsBucket: 'acme-audit-111122223333', topicArn: 'arn:aws:sns:…' };

describe('the environment of a function of the gateway', () => {
  it('is read as it was written', () => {
    const { topicArn: _topic, ...atHome } = TOLD;

    expect(readGatewayEnv(gatewayEnv(TOLD))).toEqual(TOLD);
    expect(readGatewayEnv(gatewayEnv(atHome))).toEqual(atHome);
  });

  it('names the variable that is missing', () => {
    const { TIDEMARK_REGION: _region, ...rest } = gatewayEnv(TOLD);

    expect(() => readGatewayEnv(rest)).toThrow('TIDEMARK_REGION: not set');
  });

  it('refuses what a function cannot hold, and says what to shorten', () => {
    const rules = Array.from({ length: 60 }, (_, n) => ({ prefix: `a-long-prefix-${n}-${'x'.repeat(50)}/`, allow: ['get'] as const }));

    expect(() => gatewayEnv({ ...TOLD, config: configOf({ signing: { rules } }) })).toThrow(/gateway: .* gateway\.signing\.rules/);
  });
});

describe('a gateway decides', () => {
  it('in the region that the configuration names, else in that of the route', () => {
    expect(controlPlace(configOf({ controlRegion: 'eu-central-1' }))).toEqual({
      awsRegion: 'eu-central-1',
      stack: 'acme-control',
      tableName: 'acme-control',
    });
    expect(controlPlace(configOf()).awsRegion).toBe('eu-west-1');
  });

  it.each<[control: string | undefined, regions: readonly [string, string], heads: string]>([
    [undefined, ['eu-west-1', 'us-east-1'], 'two'],
    ['eu-central-1', ['eu-west-1', 'us-east-1'], 'two'],
    ['us-east-1', ['eu-west-1', 'us-east-1'], 'one'],
    [undefined, ['eu-west-1', 'eu-west-1'], 'one'],
  ])('in %s over %j, and keeps the signed heads of its trail in region %s', (control, awsRegions, heads) => {
    expect(headsRegion(configOf(control === undefined ? {} : { controlRegion: control }, awsRegions)).name).toBe(heads);
  });
});
