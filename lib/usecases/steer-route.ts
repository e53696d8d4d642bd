/** Stops and starts a route by hand. */
import { TidemarkError } from '../core/errors.ts';
import { lookMessage } from '../core/objects/message.ts';
import type { Queue } from '../ports/queue.ts';
import type { DeleteLog, RecordRef, RoutePauses, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';

export interface SteerDeps {
  readonly pauses: RoutePauses;
  readonly deletes: Pick<DeleteLog, 'read' | 'resume'>;
  readonly index: Pick<WorkIndex, 'waiting'>;
  readonly queue: Pick<Queue, 'send'>;
  readonly clock: Clock;
}

export interface RoutePaused {
  readonly route: string;
  /** Since when, ms since the epoch. */
  readonly paused: number;
}

export interface RouteResumed {
  readonly route: string;
  readonly paused: null;
  /** Since when its deletes are paused, ms since the epoch; null: they flow. */
  readonly deletesPaused: number | null;
  /** Keys that waited and are looked at again. */
  readonly released: number;
  /** True where the time was over before all were: ask again with the cursor for the rest, or leave it to the sweep. */
  readonly partial: boolean;
  readonly cursor?: string;
}

export interface ResumeTerms {
  /** Lets deletes flow that the breaker stopped, after a person looked at the source (O10). Those that wait run at their next attempt. */
  readonly acceptDeletes: boolean;
  /** As the former answer gave it: goes on with what it left. */
  readonly cursor?: string;
  /** When to have answered, ms since the epoch. */
  readonly deadline: number;
}

type Released = Pick<RouteResumed, 'released' | 'partial' | 'cursor'>;

const PAGE = 500;

/** Within a second nothing more is begun on the route; what is under way ends. What is told meanwhile waits in the records. */
export async function pauseRoute({ pauses, clock }: Pick<SteerDeps, 'pauses' | 'clock'>, route: string): Promise<RoutePaused> {
  await pauses.pause(route, clock.now());
  return { route, paused: (await pauses.read()).get(route) ?? clock.now() };
}

/**
 * Lets the route flow, then queues a look for each key that waits on it. Where it flows already each of them has its message: nothing
 * is queued, but what a former resumption had no time for, and with a cursor what waits from there on.
 * @throws TidemarkError INVALID_INPUT for a cursor that no answer gave, and for one of a resumption since which the route was paused again
 */
export async function resumeRoute(deps: SteerDeps, route: string, { acceptDeletes, cursor, deadline }: ResumeTerms): Promise<RouteResumed> {
  const { pauses, deletes, clock } = deps;
  const after = cursor === undefined ? undefined : placeIn(cursor);
  if (after && (await pauses.read()).has(route)) throw pausedAgain(cursor);
  if (acceptDeletes) await deletes.resume(route, clock.now());
  // In this order: what is written down after it is seen by its writer to flow, and what was before it is found here.
  // A cursor is what an answer left over: that another resumption, which began behind it, has ended since says nothing of that.
  const isHeld = await pauses.resume(route);
  const released = isHeld || after ? await release(deps, route, after, deadline) : NOTHING;
  const { pausedAt } = await deletes.read(route, clock.now());
  return { route, paused: null, deletesPaused: pausedAt, ...released };
}

const NOTHING: Released = { released: 0, partial: false };

async function release({ index, queue, pauses, clock }: SteerDeps, route: string, from: RecordRef | undefined, deadline: number): Promise<Released> {
  let released = 0;
  let after = from;
  do {
    const page = await index.waiting('open', PAGE, after);
    const held = page.filter((ref) => ref.route === route);
    if (held.length > 0) await queue.send(held.map(({ key }) => ({ body: lookMessage(route, key) })));
    released += held.length;
    after = page.length < PAGE ? undefined : page.at(-1);
  } while (after && clock.now() < deadline);
  if (!after) await pauses.released(route);
  return { released, partial: after !== undefined, ...(after ? { cursor: cursorOf(after) } : {}) };
}

/** Who goes on with what is left asks for it again and again: none of that may undo what another person decided meanwhile. */
function pausedAgain(cursor: string | undefined): TidemarkError {
  return new TidemarkError('INVALID_INPUT', 'cursor: the route was paused again since it was given; leave it out to resume the route', { cursor });
}

function cursorOf({ route, key }: RecordRef): string {
  return Buffer.from(JSON.stringify([route, key]), 'utf8').toString('base64url');
}

function placeIn(cursor: string): RecordRef {
  try {
    const [route, key]: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (typeof route === 'string' && typeof key === 'string') return { route, key };
  } catch {
    // Told below.
  }
  throw new TidemarkError('INVALID_INPUT', 'cursor: not one that an earlier answer gave; leave it out to begin anew', { cursor });
}
