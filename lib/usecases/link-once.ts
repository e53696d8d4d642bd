import { TidemarkError } from '../core/errors.ts';
import { filtersObjects, type Route, reversed } from '../core/routes/route.ts';
import type { RegionStore, ServerSideCopy } from '../ports/objects.ts';
import { CopyBelowPrefix, StoreBelowPrefix } from './below-prefix.ts';
import type { Linked, OneWay } from './key-job.ts';
import { TransferGate } from './transfer-gate.ts';

/** The stores that routes lead between. */
export interface RouteEnds {
  /** @throws TidemarkError INVALID_CONFIG for a name that is no region */
  store(region: string): RegionStore;
  /** The store that the route leads to; what is written to it is of the route's storage class and encrypted with its key. */
  destination(route: Route): RegionStore;
  /** To that store. @returns null where the bytes must be streamed */
  serverSide(route: Route): ServerSideCopy | null;
}

/** Measured: below it, one request beats many (docs/adr). */
const PARTS_FROM = 64 * 1024 * 1024;

/** What was found out about a route's ends is kept; a failure to find out is not, since it may be over at the next look. */
export function linkOnce(ends: RouteEnds): (route: Route) => Promise<Linked> {
  const known = new Map<string, Promise<Linked>>();
  const gate = new TransferGate();
  return (route) => {
    const found = known.get(route.name) ?? linkOf(ends, gate, route);
    known.set(route.name, found);
    found.catch(() => known.delete(route.name));
    return found;
  };
}

async function linkOf(ends: RouteEnds, gate: TransferGate, route: Route): Promise<Linked> {
  const there = await linkTo(ends, gate, route);
  if (!route.bidirectional) return there;
  if (filtersObjects(route)) throw refused(route, 'it carries all objects: it can choose them by prefix and suffix, and not by size or tags');
  if (route.destinationPrefix) throw refused(route, 'its keys must be the same on both sides: it can have no destinationPrefix');
  const back = await linkTo(ends, gate, reversed(route));
  assertConditional(route, route.to, there);
  assertConditional(route, route.from, back);
  return { ...there, back };
}

/** Users write at both sides: what they wrote between a look and its write is told from what was looked at by the store alone. */
function assertConditional(route: Route, region: string, { traits }: OneWay): void {
  if (!traits.conditionalPut) throw refused(route, `region ${region} must honour If-Match and If-None-Match on writes`);
  if (route.deletes && !traits.conditionalDelete)
    throw refused(route, `region ${region} must honour If-Match on deletes, or keep versions (turn versioning on), or deletes be false`);
}

function refused({ name }: Route, why: string): TidemarkError {
  return new TidemarkError('INVALID_CONFIG', `route ${name} is bidirectional: ${why}`, { route: name });
}

async function linkTo(ends: RouteEnds, gate: TransferGate, route: Route): Promise<OneWay> {
  const { from, to, destinationPrefix = '' } = route;
  const source = ends.store(from);
  const destination = ends.destination(route);
  const serverSide = ends.serverSide(route);
  const [ours, theirs] = await Promise.all([source.capabilities(), destination.capabilities()]);
  if (!theirs.writable) throw new TidemarkError('ACCESS_DENIED', `nothing may be written to region ${to}`, { region: to });
  if (route.tags && !ours.tags)
    throw new TidemarkError('INVALID_CONFIG', `route ${route.name} chooses objects by their tags, and region ${from} holds none`, {
      route: route.name,
    });
  const { conditionalCopy, conditionalPut, conditionalDelete } = theirs;
  // Of a bucket with former versions a store that heeds no condition may copy what was deleted (versitygw): there a HEAD comes first.
  const pinsHold = conditionalCopy || ours.neverVersioned === true;
  const copiesWhole = pinsHold && theirs.copiesHeaders === true && ours.servesWebsite === false;
  const tags = ours.tags && theirs.tags;
  const below = {
    destination: destinationPrefix === '' ? destination : new StoreBelowPrefix(destination, destinationPrefix),
    serverSide: destinationPrefix === '' || !serverSide ? serverSide : new CopyBelowPrefix(serverSide, destinationPrefix),
  };
  return {
    link: { source, ...below, tags, gate },
    traits: { serverSide: serverSide !== null, conditionalCopy, conditionalPut, conditionalDelete, tags, copiesWhole, partsFrom: PARTS_FROM },
  };
}
