/** The workflow as Step Functions gets it, held against the rules that the embedded host walks by. */
import { describe, expect, it } from 'vitest';
import { AFTER_WALK, STEP_RETRIES, WALK_STATES } from '../../lib/core/backfill/workflow.ts';
import { backfillDefinition } from '../../lib/infra/backfill-definition.ts';

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly StringEquals: string; readonly Next: string }[];
  readonly Catch?: readonly { readonly Next: string }[];
  readonly Retry?: readonly { readonly MaxAttempts: number; readonly IntervalSeconds: number }[];
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly ItemProcessor?: Machine;
}

interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:step';
const machine: Machine = JSON.parse(JSON.stringify(backfillDefinition(ARN)));
const range = machine.States.Ranges?.ItemProcessor;
if (!range) throw new Error('the machine has a map');

describe.each([
  ['the machine', machine],
  ['a range', range],
] as const)('%s', (_name, { StartAt, States }) => {
  const following = (state: State): readonly string[] => [
    ...(state.Next === undefined ? [] : [state.Next]),
    ...(state.Default === undefined ? [] : [state.Default]),
    ...(state.Choices ?? []).map(({ Next }) => Next),
    ...(state.Catch ?? []).map(({ Next }) => Next),
  ];

  it('leads from every state to one that there is, and reaches each', () => {
    const named = [StartAt, ...Object.values(States).flatMap(following)];

    expect(new Set(named)).toEqual(new Set(Object.keys(States)));
  });

  it('tries each step again as the embedded host does, and never loses a failure', () => {
    for (const state of Object.values(States).filter(({ Type }) => Type === 'Task')) {
      expect(state.Retry).toMatchObject([{ MaxAttempts: STEP_RETRIES.attempts, IntervalSeconds: STEP_RETRIES.firstSec }]);
      const writesDown = state.Parameters?.action === 'fail';
      expect(state.Catch === undefined).toBe(writesDown);
      if (writesDown) expect(States[state.Next ?? '']?.Type).toBe('Fail');
    }
  });
});

it('writes down that it failed where a range ended without a word, as one whose history is full does', () => {
  const [caught] = machine.States.Ranges?.Catch ?? [];

  expect(machine.States[caught?.Next ?? '']).toMatchObject({ Type: 'Task', Parameters: { action: 'fail' } });
});

it.each(WALK_STATES)('decides after a walk as the embedded host does: %s', (walked) => {
  const { Choices = [], Default = '' } = range.States.Decide ?? {};
  const next = Choices.find(({ StringEquals }) => StringEquals === walked)?.Next ?? Default;

  expect(next).toBe({ now: 'Walk', later: 'Later', end: 'RangeDone' }[AFTER_WALK[walked] ?? 'end']);
  expect(range.States.Later).toMatchObject({ Type: 'Wait', Next: 'Walk' });
});
