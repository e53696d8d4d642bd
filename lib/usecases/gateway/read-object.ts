/** Reads an object: at the active region, and where that one fails or is slow at the other (B2). */
import { asTidemarkError, type ErrorCode, TidemarkError } from '../../core/errors.ts';
import { lookMessage } from '../../core/objects/message.ts';
import type { GatewayStore, NotServed, ReadOptions, ServedBody, ServedObject } from '../../ports/gateway-store.ts';
import { hedged } from './hedged.ts';
import type { ReadDeps } from './object-deps.ts';

export interface ReadRequest extends ReadOptions {
  /** Which one is asked first. */
  readonly prefer: 'active' | 'replica';
  /** Has the key looked at where the active region failed to serve it, or has it not. */
  readonly repair: boolean;
}

export interface ReadAnswer<T> {
  readonly served: T;
  readonly region: string;
  /** False: it was served by the region that is not written, and may be older than what was written last. */
  readonly fromActive: boolean;
  /** Why the region that was asked first did not serve it; absent: it did. */
  readonly fellBack?: ErrorCode;
  readonly repairing: boolean;
}

/** So long the first region may take before the other is asked as well, ms. */
const HEDGE_AFTER_MS = 1_000;

/** A region that fails so is not asked what an object is: the other is. A refusal, as of a key that nobody can store, is an answer. */
const REGION_FAILS: ReadonlySet<ErrorCode> = new Set(['UNAVAILABLE', 'THROTTLED', 'BUCKET_MISSING']);

/** @throws TidemarkError as the region does; UNAVAILABLE where neither can tell */
export async function getObject(deps: ReadDeps, key: string, request: ReadRequest): Promise<ReadAnswer<ServedBody | NotServed>> {
  return readWith(deps, key, request, (store, options) => store.get(key, options));
}

/** As `getObject`, without the body. */
export async function headObject(deps: ReadDeps, key: string, request: ReadRequest): Promise<ReadAnswer<ServedObject | NotServed>> {
  return readWith(deps, key, request, (store, options) => store.head(key, options));
}

async function readWith<T extends ServedObject | NotServed>(
  { route, authority, reading, queue, clock }: ReadDeps,
  key: string,
  { prefer, repair, signal, ...options }: ReadRequest,
  read: (store: Pick<GatewayStore, 'get' | 'head'>, options: ReadOptions) => Promise<T>,
): Promise<ReadAnswer<T>> {
  const { active, standby } = await authority.reader();
  const [first, second] = prefer === 'active' ? [active, standby] : [standby, active];
  const { answer, from, failed } = await hedged<T>({
    clock,
    waitMs: HEDGE_AFTER_MS,
    ...(signal ? { signal } : {}),
    first: (own) => read(reading(first), { ...options, signal: own }),
    second: (own) => read(reading(second), { ...options, signal: own }),
    isFailure: (error) => REGION_FAILS.has(error.code),
    // Only the active region knows that there is nothing: the other may not have got it yet.
    isAnswer: (served, at) => served.kind !== 'absent' || (at === 'first' ? first : second) === active,
  }).catch((error: unknown) => {
    throw unanswered(asTidemarkError(error), key, active);
  });
  const region = from === 'first' ? first : second;
  // What the active region lacks or could not serve is looked at by the route: it knows whether it was deleted (O8).
  const wanted = repair && (region !== active || answer.kind === 'absent');
  const repairing = wanted && (await queued(queue, route.name, key));
  return { served: answer, region, fromActive: region === active, ...(failed ? { fellBack: failed.code } : {}), repairing };
}

/** What was read is good whether or not the key can be looked at: its reader is told. */
async function queued(queue: ReadDeps['queue'], route: string, key: string): Promise<boolean> {
  try {
    await queue.send([{ body: lookMessage(route, key) }]);
    return true;
  } catch {
    return false;
  }
}

function unanswered(error: TidemarkError, key: string, active: string): TidemarkError {
  if (!REGION_FAILS.has(error.code)) return error;
  return new TidemarkError(
    'UNAVAILABLE',
    `region ${active} does not answer, and the other holds no copy of it yet or fails too: ${error.message}`,
    { key, active, retryAfterSec: 1 },
    error,
  );
}
