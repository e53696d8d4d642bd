/** What must be true of the templates of a gateway: two regions, and a third that decides. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PARTITION, SORT } from '../../lib/adapters/dynamodb/schema.ts';
import type { TidemarkInput } from '../../lib/config/define.ts';
import { statementsOf } from './policies.ts';
import { summary } from './summary.ts';
import { ofType, PAIR, type Resource, type Synthesised, synthesise } from './synth.ts';

const HOME = 'tidemark-primary';
const AWAY = 'tidemark-secondary';
const CONTROL = 'tidemark-control';

function gatewayOf(gateway: NonNullable<TidemarkInput['gateway']> = {}): TidemarkInput {
  return { ...PAIR, routes: [{ from: 'primary', to: 'secondary', bidirectional: true }], gateway: { controlRegion: 'eu-central-1', ...gateway } };
}

let made: Synthesised;
let home: Readonly<Record<string, Resource>>;
let away: Readonly<Record<string, Resource>>;

beforeAll(() => {
  made = synthesise(gatewayOf());
  home = made.resources(HOME);
  away = made.resources(AWAY);
}, 120_000);

afterAll(() => made?.[Symbol.dispose]());

test('the templates say what people have reviewed', async () => {
  const gatewayPart = Object.fromEntries(Object.entries(home).filter(([id]) => /^(Gateway|AuditHeads)/.test(id)));

  await expect(summary(gatewayPart)).toMatchFileSnapshot('golden/gateway-home.txt');
  await expect(summary(away)).toMatchFileSnapshot('golden/gateway-away.txt');
  await expect(summary(made.resources(CONTROL))).toMatchFileSnapshot('golden/gateway-control.txt');
});
