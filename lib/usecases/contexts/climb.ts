/** Carries the next events of a stream into the one above it, each exactly once, whoever dies on the way. */
import { type Ascended, type Ascent, ascended, rested } from '../../core/contexts/ascend.ts';
import { begun, ended, type Hop, type UnderWay } from '../../core/contexts/hop.ts';
import { asTidemarkError } from '../../core/errors.ts';
import { endOf, eventsIn } from '../../core/log/chunk.ts';
import { draftOf, type Written, written } from '../../core/log/draft.ts';
import type { ChangeEvent, EventDraft } from '../../core/log/event.ts';
import { MAX_APPEND_BYTES, MAX_APPEND_EVENTS } from '../../core/log/rules.ts';
import type { HopStore } from '../../ports/hops.ts';
import { type LogStore, MAX_SEQUENCE } from '../../ports/log-store.ts';
import type { Clock } from '../../ports/system.ts';
import type { Appender } from '../log/appender.ts';

export interface ClimbDeps {
  readonly hops: HopStore;
  readonly store: Pick<LogStore, 'read' | 'at'>;
  readonly appender: Pick<Appender, 'append'>;
  readonly clock: Clock;
  /** What a stream makes of what comes from below. */
  readonly ascentOf: (stream: string) => Ascent;
}

export interface Climbed {
  /** `overtaken`: another worker carries the same; `rested`: nothing is left for now. */
  readonly came: 'on' | 'rested' | 'overtaken';
  /** Events of the stream that were carried, left out or parked. */
  readonly events: number;
}

/** Events of one climb: what they come to fits into one append, with what is told of windows. */
const EVENTS = 100;
const CHUNKS_A_PAGE = 20;
const MAX_WHY = 1_000;

/**
 * Timeline: read the hop → read events behind it → work out what they come to → write down that they are under way, and where the stream above
 * ends → append → write down that they are there. Whoever finds some under way looks for them behind that end first: an append that found its
 * place is found by the ids, which are the same at each try.
 * @param hop as it is stored
 * @throws TidemarkError as the stores; all is done again then, and nothing twice
 */
export async function climb(deps: ClimbDeps, hop: Hop): Promise<Climbed> {
  const { hops, clock } = deps;
  const { from, to, underWay, windows } = hop;
  const events = await eventsBehind(deps, hop);
  const last = events.at(-1)?.sequence ?? hop.through;
  const isRest = underWay ? underWay.restedAt !== undefined : events.length < EVENTS;
  const restedAt = underWay ? underWay.restedAt : isRest ? clock.now() : undefined;
  const made = madeOf(from, deps.ascentOf(to), windows, events, restedAt);
  const came = isRest ? 'rested' : 'on';
  if (made.drafts.length + made.parked.length === 0) {
    if (last === hop.through && !underWay) return { came, events: 0 };
    return (await hops.put(ended(hop, last, made.windows))) ? { came, events: events.length } : OVERTAKEN;
  }
  const setOut = underWay ? hop : await settingOut(deps, hop, { last, ...(restedAt === undefined ? {} : { restedAt }) });
  if (!setOut?.underWay) return OVERTAKEN;
  const { tail, parkedTail } = setOut.underWay;
  const isFound = underWay !== null;
  const parked = made.parked.map(({ event, why }) => parkedDraft(from, event, why));
  try {
    await appendOnce(deps, { stream: to, since: tail, isFound }, made.drafts);
    await appendOnce(deps, { stream: parkedIn(to), since: parkedTail, isFound }, parked);
  } catch (error) {
    if (asTidemarkError(error).code === 'LEASE_LOST') return OVERTAKEN;
    throw error;
  }
  return (await hops.put(ended(setOut, last, made.windows))) ? { came, events: events.length } : OVERTAKEN;
}

const OVERTAKEN: Climbed = { came: 'overtaken', events: 0 };

/** Where events wait for a person that a context failed on: a stream like any other. */
export function parkedIn(stream: string): string {
  return `${stream}#parked`;
}

function madeOf(from: string, ascent: Ascent, windows: Hop['windows'], events: readonly ChangeEvent[], restedAt: number | undefined): Ascended {
  const made = ascended(from, ascent, windows, events);
  if (restedAt === undefined) return made;
  const atRest = rested(from, ascent, made.windows, restedAt);
  return { ...atRest, drafts: [...made.drafts, ...atRest.drafts], parked: made.parked };
}

async function settingOut({ hops, store }: ClimbDeps, hop: Hop, what: Omit<UnderWay, 'tail' | 'parkedTail'>): Promise<Hop | null> {
  const [tail, parkedTail] = await Promise.all([endIn(store, hop.to), endIn(store, parkedIn(hop.to))]);
  const next = begun(hop, { ...what, tail, parkedTail });
  return (await hops.put(next)) ? next : null;
}

async function endIn(store: ClimbDeps['store'], stream: string): Promise<number> {
  const newest = await store.at(stream, MAX_SEQUENCE);
  return newest ? endOf(newest) : 1;
}

async function eventsBehind({ store }: ClimbDeps, { from, through, underWay }: Hop): Promise<readonly ChangeEvent[]> {
  const last = underWay?.last ?? through + EVENTS;
  const events: ChangeEvent[] = [];
  // The chunk that holds it may begin before it.
  const first = await store.at(from, through + 1);
  for (let next = first ? first.first : through + 1; next <= last; ) {
    const chunks = await store.read(from, next, CHUNKS_A_PAGE);
    for (const chunk of chunks) events.push(...eventsIn(chunk).filter(({ sequence }) => sequence > through && sequence <= last));
    const read = chunks.at(-1);
    if (!read) break;
    next = endOf(read);
  }
  return events;
}

interface Place {
  readonly stream: string;
  /** None of the events lies before it. */
  readonly since: number;
  /** Somebody set out with them before, and may have appended some. */
  readonly isFound: boolean;
}

async function appendOnce({ store, appender }: ClimbDeps, { stream, since, isFound }: Place, drafts: readonly EventDraft[]): Promise<void> {
  if (drafts.length === 0) return;
  const { ids, end } = isFound ? await idsSince(store, stream, since) : { ids: new Set<string>(), end: since };
  for (const events of appendable(drafts.filter(({ id }) => !ids.has(id)))) await appender.append(stream, events, end);
}

async function idsSince(
  store: ClimbDeps['store'],
  stream: string,
  since: number,
): Promise<{ readonly ids: ReadonlySet<string>; readonly end: number }> {
  const ids = new Set<string>();
  let end = since;
  for (let chunks = await store.read(stream, end, CHUNKS_A_PAGE); chunks.length > 0; chunks = await store.read(stream, end, CHUNKS_A_PAGE)) {
    for (const chunk of chunks) {
      for (const { id } of eventsIn(chunk)) ids.add(id);
      end = endOf(chunk);
    }
  }
  return { ids, end };
}

/** In as few appends as they fit into. */
function* appendable(drafts: readonly EventDraft[]): Generator<readonly Written[]> {
  let events: Written[] = [];
  let bytes = 0;
  for (const draft of drafts) {
    const event = written(draftOf(draft));
    if (bytes + event.bytes > MAX_APPEND_BYTES || events.length === MAX_APPEND_EVENTS) {
      yield events;
      [events, bytes] = [[], 0];
    }
    events.push(event);
    bytes += event.bytes;
  }
  if (events.length > 0) yield events;
}

/** It names the event by its place, since both together may be larger than an event can be. */
function parkedDraft(from: string, { sequence, id, timestamp }: ChangeEvent, why: string): EventDraft {
  const after = { from, sequence, why: why.slice(0, MAX_WHY) };
  return { id: `${from}/${id}`, operation: 'INSERT', collection: 'parked', documentId: `${from}/${sequence}`, timestamp, after, source: from };
}
