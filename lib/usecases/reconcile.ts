/** Finds by listing both sides what no event told (trap 11), and queues a look for each difference. Memory stays flat. */
import type { Side } from '../core/change.ts';
import { listedAlone } from '../core/objects/listed.ts';
import { lookMessage } from '../core/objects/message.ts';
import { difference } from '../core/objects/reconcile.ts';
import { pairDifference } from '../core/objects/reconcile-pair.ts';
import { inScope, isOurs, type Route, selects } from '../core/routes/route.ts';
import type { AuditTrail } from '../ports/audit.ts';
import type { Link, ListedObject, Sorter } from '../ports/objects.ts';
import type { OutgoingMessage, Queue } from '../ports/queue.ts';
import type { DeleteLog, ReplicationState, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';
import { inOrder, type Listable } from './backfill/listing.ts';
import { type Pair, sideBySide } from './backfill/side-by-side.ts';
import { checkSource } from './check-source.ts';
import { recordsOf } from './verify/records.ts';

type Pages = AsyncIterable<readonly ListedObject[]>;

export interface ReconcileDeps {
  readonly state: Pick<ReplicationState, 'getMany'>;
  readonly index: Pick<WorkIndex, 'objects'>;
  readonly deletes: Pick<DeleteLog, 'pause'>;
  readonly audit: Pick<AuditTrail, 'note'>;
  readonly queue: Pick<Queue, 'send'>;
  readonly clock: Clock;
  readonly sorter: Sorter;
}

export interface Reconciled {
  readonly compared: number;
  readonly queued: number;
  readonly deleteCandidates: number;
}

const PAGE = 1_000;

/**
 * @param graceMs before a key that is gone at the source is looked at a second time, and only then deleted (O10)
 * @throws TidemarkError when either bucket cannot be believed: then nothing is queued of it
 */
export async function reconcile(deps: ReconcileDeps, route: Route, link: Link, graceMs: number): Promise<Reconciled> {
  await checkSource(deps, route, link.source);
  // Deletes of a bidirectional route follow from either side.
  await (route.bidirectional ? checkSource(deps, route, link.destination) : link.destination.check());
  const [source, destination] = await Promise.all([opened(deps, route, link.source), opened(deps, route, link.destination)]);
  // A side that holds nothing at all merely looks empty: no evidence for any delete (O10).
  const believed = { from: !source.isEmpty, to: !destination.isEmpty };
  let compared = 0;
  let queued = 0;
  let deleteCandidates = 0;
  for await (const page of sideBySide(source.pages, destination.pages, PAGE)) {
    const messages = await reconcileMessages(deps, route, page, believed, graceMs);
    if (messages.length > 0) await deps.queue.send(messages);
    compared += page.length;
    queued += messages.length;
    deleteCandidates += messages.filter(({ delaySec }) => delaySec !== undefined).length;
  }
  return { compared, queued, deleteCandidates };
}

/**
 * Which sides hold anything of a user's: one that does not merely looks empty, and is no evidence for any delete (O10). A canary is
 * written even into a bucket that lost everything else.
 */
export async function believedSides({ source, destination }: Link, { prefix }: Route): Promise<Readonly<Record<Side, boolean>>> {
  const [from, to] = await Promise.all([holdsAnything(source, prefix), holdsAnything(destination, prefix)]);
  return { from, to };
}

async function holdsAnything(bucket: Listable, prefix: string): Promise<boolean> {
  let page = await bucket.list({ prefix });
  while (!holdsUsers(page.objects) && page.next !== undefined) page = await bucket.list({ prefix, token: page.next });
  return holdsUsers(page.objects);
}

function holdsUsers(objects: readonly ListedObject[]): boolean {
  return objects.some(({ key }) => !isOurs(key));
}

/** A listing that was read up to the first key of a user. Ours before it are few: one canary a route, and what probes left. */
async function opened({ sorter }: ReconcileDeps, route: Route, bucket: Listable): Promise<{ readonly isEmpty: boolean; readonly pages: Pages }> {
  const listing = inOrder(bucket, route.prefix, {}, sorter);
  const ours: ListedObject[] = [];
  let first = await listing.next();
  for (; !first.done && !holdsUsers(first.value); first = await listing.next()) ours.push(...first.value);
  return { isEmpty: first.done === true, pages: withFirst(ours, first, listing) };
}

/**
 * @param believed whether what a side does not list may be gone there
 * @returns a look for each difference; a candidate for a delete waits for its second look
 */
export async function reconcileMessages(
  deps: Pick<ReconcileDeps, 'state' | 'clock'>,
  route: Route,
  page: readonly Pair[],
  believed: Readonly<Record<Side, boolean>>,
  graceMs: number,
): Promise<OutgoingMessage[]> {
  const records = await recordsOf(
    deps.state,
    route.name,
    page.map(({ key }) => key),
  );
  // Where deletes are not carried, what one side lacks says nothing, and hides no write of the other.
  const evident = route.deletes ? believed : { from: false, to: false };
  return page.flatMap(({ key, source, destination }): OutgoingMessage[] => {
    const now = deps.clock.now();
    const listed = { ...(source ? { from: source } : {}), ...(destination ? { to: destination } : {}) };
    const change = route.bidirectional
      ? pairDifference(key, listed, records.get(key), evident, now)
      : difference(key, source, destination, records.get(key), now);
    // What the source lists is left out by its size too; what is gone there may have been carried when it was of another.
    if (
      !change ||
      !(change.op === 'DELETE' ? inScope(route, key) : selects(route, change)) ||
      (change.op === 'DELETE' && !evident[change.side ?? 'from'])
    )
      return [];
    const alone = source && !route.bidirectional ? listedAlone(source, destination, records.get(key)) : undefined;
    const body = lookMessage(route.name, key, [change], alone);
    return [change.op === 'DELETE' ? { body, delaySec: Math.ceil(graceMs / 1000) } : { body }];
  });
}

async function* withFirst(
  ours: readonly ListedObject[],
  first: IteratorResult<readonly ListedObject[]>,
  rest: AsyncGenerator<readonly ListedObject[]>,
): AsyncGenerator<readonly ListedObject[]> {
  try {
    yield ours;
    if (!first.done) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
