import { expect, test } from 'vitest';
import { statementsOf } from './policies.ts';
import { ofType, PAIR, synthesise } from './synth.ts';

test('completion events go to the bus that is named, and a throttle is shared by all calls that may replay', () => {
  using made = synthesise({
    ...PAIR,
    routes: [{ from: 'primary', to: 'secondary', throttle: { objectsPerSec: 120 } }],
    completions: { eventBridge: { busName: 'operations' } },
  });
  const resources = made.resources('tidemark-primary');

  const tellers = statementsOf(resources).filter(({ actions }) => actions.includes('events:PutEvents'));
  expect(tellers.map(({ policy }) => policy.slice(0, 6)).sort()).toEqual(['ApiHan', 'Replay']);
  expect(new Set(tellers.flatMap((teller) => teller.resources))).toEqual(
    new Set(['arn:{AWS::Partition}:events:eu-west-1:{AWS::AccountId}:event-bus/operations']),
  );
  const configs = ofType(resources, 'AWS::Lambda::Function').map(([, { Properties }]) => JSON.stringify(Properties?.Environment ?? {}));
  expect(configs.length).toBeGreaterThan(3);
  // 50 calls for events, and a fifth as many more for work that was asked for.
  for (const config of configs) expect(config).toContain(String.raw`\"throttle\":{\"objectsPerSec\":120,\"sharedBy\":60}`);
});

test('nobody is told where the configuration names nobody', () => {
  using made = synthesise(PAIR);

  expect(statementsOf(made.resources('tidemark-primary')).filter(({ actions }) => actions.includes('events:PutEvents'))).toEqual([]);
});
