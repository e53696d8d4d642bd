/** Finds by listing both sides what no event told (trap 11), and queues a look for each difference. Memory stays flat. */
import type { Side } from '../core/change.ts';
import { compareUtf8 } from '../core/objects/byte-order.ts';
import { lookMessage } from '../core/objects/message.ts';
import { difference, type ListingEntry } from '../core/objects/reconcile.ts';
import { pairDifference } from '../core/objects/reconcile-pair.ts';
import { inScope, type Route, selects } from '../core/routes/route.ts';
import type { Bucket, Link, Sorter } from '../ports/objects.ts';
import type { OutgoingMessage, Queue } from '../ports/queue.ts';
import type { DeleteLog, ReplicationState, WorkIndex } from '../ports/replication-state.ts';
import type { Clock } from '../ports/system.ts';
import { checkSource } from './check-source.ts';

export interface ReconcileDeps {
  readonly state: Pick<ReplicationState, 'getMany'>;
  readonly index: Pick<WorkIndex, 'objects'>;
  readonly deletes: Pick<DeleteLog, 'pause'>;
  readonly queue: Pick<Queue, 'send'>;
  readonly clock: Clock;
  readonly sorter: Sorter;
}

export interface Reconciled {
  readonly compared: number;
  readonly queued: number;
  readonly deleteCandidates: number;
}

const PAGE = 100;

/**
 * @param graceMs before a key that is gone at the source is looked at a second time, and only then deleted (O10)
 * @throws TidemarkError when either bucket cannot be believed: then nothing is queued of it
 */
export async function reconcile(deps: ReconcileDeps, route: Route, link: Link, graceMs: number): Promise<Reconciled> {
  await checkSource(deps, route, link.source);
  // Deletes of a bidirectional route follow from either side.
  await (route.bidirectional ? checkSource(deps, route, link.destination) : link.destination.check());
  let compared = 0;
  let queued = 0;
  let deleteCandidates = 0;
  let page: Listed[] = [];
  const flush = async (): Promise<void> => {
    const messages = await differences(deps, route, page, { from: !first.done, to: !firstThere.done }, graceMs);
    if (messages.length > 0) await deps.queue.send(messages);
    compared += page.length;
    queued += messages.length;
    deleteCandidates += messages.filter(({ delaySec }) => delaySec !== undefined).length;
    page = [];
  };
  const source = inOrder(link.source, route.prefix, deps.sorter)[Symbol.asyncIterator]();
  // A source that holds nothing at all merely looks empty: no evidence for any delete (O10).
  const first = await source.next();
  const destination = inOrder(link.destination, route.prefix, deps.sorter)[Symbol.asyncIterator]();
  const firstThere = await destination.next();
  for await (const pair of merge(source, first, destination, firstThere)) {
    page.push(pair);
    if (page.length === PAGE) await flush();
  }
  await flush();
  return { compared, queued, deleteCandidates };
}

interface Listed {
  readonly key: string;
  readonly source?: ListingEntry;
  readonly destination?: ListingEntry;
}

/** @param believed whether what a side does not list may be gone there */
async function differences(
  deps: ReconcileDeps,
  route: Route,
  page: readonly Listed[],
  believed: Readonly<Record<Side, boolean>>,
  graceMs: number,
): Promise<OutgoingMessage[]> {
  if (page.length === 0) return [];
  const records = await deps.state.getMany(
    route.name,
    page.map(({ key }) => key),
  );
  return page.flatMap(({ key, source, destination }): OutgoingMessage[] => {
    const now = deps.clock.now();
    const listed = { ...(source ? { from: source } : {}), ...(destination ? { to: destination } : {}) };
    const change = route.bidirectional
      ? pairDifference(key, listed, records.get(key), believed, now)
      : difference(key, source, destination, records.get(key), now);
    // What the source lists is left out by its size too; what is gone there may have been carried when it was of another.
    if (
      !change ||
      !(change.op === 'DELETE' ? inScope(route, key) : selects(route, change)) ||
      (change.op === 'DELETE' && !(route.deletes && believed[change.side ?? 'from']))
    )
      return [];
    const body = lookMessage(route.name, key, [change]);
    return [change.op === 'DELETE' ? { body, delaySec: Math.ceil(graceMs / 1000) } : { body }];
  });
}

/** Two listings in UTF-8 byte order as one, side by side. */
async function* merge(
  left: AsyncIterator<ListingEntry>,
  first: IteratorResult<ListingEntry>,
  right: AsyncIterator<ListingEntry>,
  firstRight: IteratorResult<ListingEntry>,
): AsyncGenerator<Listed> {
  let a = first;
  let b = firstRight;
  while (!a.done || !b.done) {
    const order = a.done ? 1 : b.done ? -1 : compareUtf8(a.value.key, b.value.key);
    const pair: Listed = {
      key: order <= 0 && !a.done ? a.value.key : b.value.key,
      ...(order <= 0 && !a.done ? { source: a.value } : {}),
      ...(order >= 0 && !b.done ? { destination: b.value } : {}),
    };
    yield pair;
    if (order <= 0) a = await left.next();
    if (order >= 0) b = await right.next();
  }
}

/** Stores list in whatever order they like (trap 52): sorted here, spilled to disk where there are many. */
function inOrder(bucket: Bucket, prefix: string, sorter: Sorter): AsyncIterable<ListingEntry> {
  return sorter.sort(allObjects(bucket, prefix));
}

async function* allObjects(bucket: Bucket, prefix: string): AsyncGenerator<ListingEntry> {
  let token: string | undefined;
  do {
    const page = await bucket.list({ ...(prefix === '' ? {} : { prefix }), ...(token === undefined ? {} : { token }) });
    yield* page.objects;
    token = page.next;
  } while (token !== undefined);
}
