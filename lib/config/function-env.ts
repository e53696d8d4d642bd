/** How the stack tells a function on AWS what it works with: the names of its environment variables, written and read in one place. */
import { TidemarkError } from '../core/errors.ts';
import type { TidemarkConfig } from './config.ts';
import { type Environment, variable } from './variable.ts';

export interface FunctionEnv {
  /** The routes that start in the function's region, and the regions they lead between. */
  readonly config: TidemarkConfig;
  /** By which its metrics are told apart from another installation's. */
  readonly stack: string;
  readonly tableName: string;
  readonly eventsQueueUrl: string;
  readonly workQueueUrl: string;
  readonly deadLetterUrl: string;
  /** What SQS gave up, until it is recorded. */
  readonly abandonedUrl: string;
  /** Of the workflow of backfills; for the function that starts them. */
  readonly backfillMachineArn?: string;
  /** Where comparisons keep their reports, and the key of KMS that signs them; for the functions that compare or show them. */
  readonly reportsBucket?: string;
  readonly reportKeyId?: string;
  /** From one comparison of whole listings to the next, seconds; for the functions that start them, or tell how long ago the last one was. */
  readonly reconcileSec?: number;
}

const NAMES = {
  config: 'TIDEMARK_CONFIG',
  stack: 'TIDEMARK_STACK',
  tableName: 'TIDEMARK_TABLE',
  eventsQueueUrl: 'TIDEMARK_EVENTS_QUEUE_URL',
  workQueueUrl: 'TIDEMARK_WORK_QUEUE_URL',
  deadLetterUrl: 'TIDEMARK_DEAD_LETTER_URL',
  abandonedUrl: 'TIDEMARK_ABANDONED_URL',
  backfillMachineArn: 'TIDEMARK_BACKFILL_MACHINE_ARN',
  reportsBucket: 'TIDEMARK_REPORTS_BUCKET',
  reportKeyId: 'TIDEMARK_REPORT_KEY_ID',
  reconcileSec: 'TIDEMARK_RECONCILE_SEC',
} as const satisfies Record<keyof FunctionEnv, string>;

/** For some functions alone. */
const OPTIONAL = ['backfillMachineArn', 'reportsBucket', 'reportKeyId'] as const;

/** All variables of a function hold 4 KB together; the rest is for those of AWS and of the stack. */
export const MAX_CONFIG_BYTES = 3_072;

/** @throws TidemarkError INVALID_CONFIG when the configuration is larger than a function's environment holds */
export function functionEnv(given: FunctionEnv): Record<string, string> {
  const { config, stack, tableName, eventsQueueUrl, workQueueUrl, deadLetterUrl, abandonedUrl, reconcileSec, ...rest } = given;
  const text = JSON.stringify(config);
  const size = Buffer.byteLength(text, 'utf8');
  if (size > MAX_CONFIG_BYTES) {
    throw new TidemarkError(
      'INVALID_CONFIG',
      `routes: those of one region take ${size} bytes, and a function's environment holds ${MAX_CONFIG_BYTES}. Shorten names and prefixes, or let fewer routes start in it.`,
      { size },
    );
  }
  return {
    [NAMES.config]: text,
    [NAMES.stack]: stack,
    [NAMES.tableName]: tableName,
    [NAMES.eventsQueueUrl]: eventsQueueUrl,
    [NAMES.workQueueUrl]: workQueueUrl,
    [NAMES.deadLetterUrl]: deadLetterUrl,
    [NAMES.abandonedUrl]: abandonedUrl,
    ...Object.fromEntries(OPTIONAL.flatMap((field) => (rest[field] === undefined ? [] : [[NAMES[field], rest[field]]]))),
    ...(reconcileSec === undefined ? {} : { [NAMES.reconcileSec]: String(reconcileSec) }),
  };
}

/** What functionEnv wrote. @throws TidemarkError INVALID_CONFIG that names the variable which is missing */
export function readFunctionEnv(env: Environment): FunctionEnv {
  const read = (field: keyof FunctionEnv): string => {
    const value = variable(env, NAMES[field]);
    if (value !== undefined) return value;
    throw new TidemarkError('INVALID_CONFIG', `${NAMES[field]}: not set. Deploy the stack again: it sets what its functions need.`);
  };
  // Checked when the stack was made from it.
  const config: TidemarkConfig = JSON.parse(read('config'));
  const reconcileSec = variable(env, NAMES.reconcileSec);
  return {
    config,
    stack: read('stack'),
    tableName: read('tableName'),
    eventsQueueUrl: read('eventsQueueUrl'),
    workQueueUrl: read('workQueueUrl'),
    deadLetterUrl: read('deadLetterUrl'),
    abandonedUrl: read('abandonedUrl'),
    ...Object.fromEntries(
      OPTIONAL.flatMap((field) => {
        const value = variable(env, NAMES[field]);
        return value === undefined ? [] : [[field, value]];
      }),
    ),
    ...(reconcileSec === undefined ? {} : { reconcileSec: Number(reconcileSec) }),
  };
}
