/**
 * The workflow of a backfill in Amazon States Language, by the rules of lib/core/backfill/workflow.ts. A walk lists many pages, so a state
 * transition stands for many minutes of work. The map is a distributed one: each range has a history of its own, whose 25,000 events
 * would otherwise bound them all together.
 */
import { AFTER_WALK, STEP_RETRIES, WALK_STATES } from '../core/backfill/workflow.ts';

/** Before a range is walked again that could not go on. */
const LATER_SEC = 60;
/** Ranges walked at once: each lists its part of both buckets, some ten pages a second. */
const AT_ONCE = 10;

type State = Readonly<Record<string, unknown>>;

export function backfillDefinition(functionArn: string): State {
  const retry = {
    ErrorEquals: ['States.ALL'],
    IntervalSeconds: STEP_RETRIES.firstSec,
    BackoffRate: STEP_RETRIES.factor,
    MaxAttempts: STEP_RETRIES.attempts,
    JitterStrategy: 'FULL',
  };
  const caught = (next: string): State => ({ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: next });
  const call = (parameters: State, rest: State): State => ({ Type: 'Task', Resource: functionArn, Parameters: parameters, Retry: [retry], ...rest });
  const writeDown = (next: string): State =>
    call({ action: 'fail', 'id.$': '$.id', 'code.$': '$.failure.Error', 'cause.$': '$.failure.Cause' }, { ResultPath: '$.written', Next: next });
  return {
    Comment: 'Plans the ranges of a backfill or a comparison, walks each until it is done, and reports what was found.',
    StartAt: 'Plan',
    States: {
      Plan: call({ action: 'plan', 'id.$': '$.id' }, { ResultPath: '$.plan', Next: 'Ranges', Catch: [caught('PlanFailed')] }),
      Ranges: {
        Type: 'Map',
        ItemsPath: '$.plan.ranges',
        ItemSelector: { 'id.$': '$.id', 'index.$': '$$.Map.Item.Value' },
        MaxConcurrency: AT_ONCE,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Walk',
          States: {
            Walk: call(
              { action: 'walk', 'id.$': '$.id', 'index.$': '$.index' },
              { ResultPath: '$.walked', Next: 'Decide', Catch: [caught('WalkFailed')] },
            ),
            Decide: {
              Type: 'Choice',
              Choices: WALK_STATES.flatMap((state): State[] => {
                const then = AFTER_WALK[state];
                return then === null ? [] : [{ Variable: '$.walked.state', StringEquals: state, Next: then === 'now' ? 'Walk' : 'Later' }];
              }),
              Default: 'RangeDone',
            },
            Later: { Type: 'Wait', Seconds: LATER_SEC, Next: 'Walk' },
            RangeDone: { Type: 'Succeed' },
            WalkFailed: writeDown('RangeFailed'),
            RangeFailed: { Type: 'Fail', Error: 'RangeFailed', Cause: 'A range could not be walked; the backfill says why, and can be resumed.' },
          },
        },
        ResultPath: null,
        Next: 'Report',
        // A range that waited for so long that its own history was full says nothing itself; a job that ended already stays as it is.
        Catch: [caught('PlanFailed')],
      },
      Report: call({ action: 'report', 'id.$': '$.id' }, { ResultPath: null, Next: 'Done', Catch: [caught('PlanFailed')] }),
      Done: { Type: 'Succeed' },
      PlanFailed: writeDown('Failed'),
      Failed: { Type: 'Fail', Error: 'PlanFailed', Cause: 'It could not be planned or reported; the backfill or verify says why.' },
    },
  };
}
