import { parseDeliveryId } from '../core/objects/delivery.ts';
import { lookMessage } from '../core/objects/message.ts';
import { requeue } from '../core/objects/transitions.ts';
import type { Queue, QueueAdmin } from '../ports/queue.ts';
import type { RecordRef, ReplicationState, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';
import { eachAtOnce } from './each-at-once.ts';
import { setAside, UNREADABLE_ROUTE } from './record-unreadable.ts';

export interface RequeueDeps {
  readonly state: ReplicationState;
  readonly index: Pick<WorkIndex, 'waiting'>;
  readonly queue: Pick<Queue, 'send'>;
  readonly admin: Pick<QueueAdmin, 'redrive'>;
  readonly clock: Clock;
}

export interface Requeued {
  readonly requeued: number;
  readonly notFound: readonly string[];
  /** True where the time was over before all were: ask again for the rest. */
  readonly partial: boolean;
}

const PAGE = 500;
const KEYS_AT_ONCE = 32;
const MAX_RACES = 20;

/** Gives the named errors a new life (A6). An id that names no error is answered in `notFound`. @param deadline ms since the epoch */
export async function requeueIds(deps: RequeueDeps, ids: readonly string[], deadline: number): Promise<Requeued> {
  const byRecord = new Map<string, { ref: RecordRef; ids: Set<string> }>();
  const notFound: string[] = [];
  for (const id of ids) {
    const ref = parseDeliveryId(id);
    if (!ref) {
      notFound.push(id);
      continue;
    }
    const name = `${ref.route}\n${ref.key}`;
    const entry = byRecord.get(name) ?? { ref, ids: new Set<string>() };
    entry.ids.add(id);
    byRecord.set(name, entry);
  }
  let requeued = 0;
  const inTime = (): boolean => deps.clock.now() < deadline;
  const act = async ({ ref, ids: wanted }: { readonly ref: RecordRef; readonly ids: ReadonlySet<string> }): Promise<void> => {
    const revived = await revive(deps, ref, wanted);
    requeued += revived.size;
    notFound.push(...[...wanted].filter((id) => !revived.has(id)));
  };
  const all = await eachAtOnce(byRecord.values(), KEYS_AT_ONCE, act, inTime);
  return { requeued, notFound, partial: !all };
}

/**
 * Gives every error a new life, and moves what lies in the dead-letter queue back. What failed by the thousand may take longer than
 * a caller waits: what was not reached is an error still, and the next call goes on.
 */
export async function requeueAllErrors(deps: RequeueDeps, deadline: number): Promise<Requeued> {
  let requeued = 0;
  let after: RecordRef | undefined;
  let all: boolean;
  const inTime = (): boolean => deps.clock.now() < deadline;
  const act = async (ref: RecordRef): Promise<void> => {
    // What could not be read has no key to look at: its message comes back by the redrive, and is read anew.
    if (ref.route === UNREADABLE_ROUTE) return dismiss(deps, ref);
    const revived = await revive(deps, ref, undefined);
    requeued += revived.size;
  };
  do {
    const page = await deps.index.waiting('error', PAGE, after);
    all = await eachAtOnce(page, KEYS_AT_ONCE, act, inTime);
    after = page.length < PAGE ? undefined : page.at(-1);
  } while (all && after);
  await deps.admin.redrive();
  return { requeued, notFound: [], partial: !all };
}

async function revive({ state, queue, clock }: RequeueDeps, ref: RecordRef, ids: ReadonlySet<string> | undefined): Promise<ReadonlySet<string>> {
  // Its message comes back by a redrive alone, which moves all of them.
  if (ref.route === UNREADABLE_ROUTE) return new Set();
  for (let race = 0; race < MAX_RACES; race++) {
    const record = await state.get(ref.route, ref.key);
    const revived = record && requeue(record, ids, clock.now());
    if (!record || !revived) return new Set();
    if (!(await state.put(revived, record.version))) continue;
    await queue.send([{ body: lookMessage(ref.route, ref.key) }]);
    return new Set(record.deliveries.filter(({ id, status }) => status === 'error' && (ids === undefined || ids.has(id))).map(({ id }) => id));
  }
  return new Set();
}

async function dismiss({ state, clock }: RequeueDeps, { route, key }: RecordRef): Promise<void> {
  for (let race = 0; race < MAX_RACES; race++) {
    const record = await state.get(route, key);
    if (!record || (await state.put(setAside(record, clock.now()), record.version))) return;
  }
}
