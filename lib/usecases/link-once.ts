import { TidemarkError } from '../core/errors.ts';
import type { LinkTraits } from '../core/objects/plan.ts';
import type { Route } from '../core/routes/route.ts';
import type { Link, RegionStore, ServerSideCopy } from '../ports.ts';
import { TransferGate } from './transfer-gate.ts';

/** The stores that routes lead between. */
export interface RouteEnds {
  /** @throws TidemarkError INVALID_CONFIG for a name that is no region */
  store(region: string): RegionStore;
  /** @returns null where the bytes must be streamed */
  serverSide(from: string, to: string): ServerSideCopy | null;
}

export interface Linked {
  readonly link: Link;
  readonly traits: LinkTraits;
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

async function linkOf(ends: RouteEnds, gate: TransferGate, { from, to }: Route): Promise<Linked> {
  const source = ends.store(from);
  const destination = ends.store(to);
  const serverSide = ends.serverSide(from, to);
  const [ours, theirs] = await Promise.all([source.capabilities(), destination.capabilities()]);
  if (!theirs.writable) throw new TidemarkError('ACCESS_DENIED', `nothing may be written to region ${to}`, { region: to });
  const { conditionalCopy, conditionalPut, conditionalDelete } = theirs;
  const tags = ours.tags && theirs.tags;
  return {
    link: { source, destination, serverSide, tags, gate },
    traits: { serverSide: serverSide !== null, conditionalCopy, conditionalPut, conditionalDelete, tags, partsFrom: PARTS_FROM },
  };
}
