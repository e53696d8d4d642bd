/** What becomes of a stream's events in the stream above it. Pure: the same events and windows give the same. */
import { asTidemarkError } from '../errors.ts';
import type { ChangeEvent, EventDraft, Json, Operation } from '../log/event.ts';
import { counted, idled, type OpenWindow, type WindowSpec, type Windows } from './window.ts';

/** What a context makes of what comes from below. */
export interface Ascent {
  /** @default all */
  readonly collections?: readonly string[];
  /** @default all */
  readonly operations?: readonly Operation[];
  /** Null: the event goes no further. @default as it is */
  readonly transform?: (event: ChangeEvent) => (Pick<EventDraft, 'before' | 'after'> & Partial<Pick<EventDraft, 'collection' | 'documentId'>>) | null;
  /** Told of as events of their own, when they close; what is counted goes up too, unless `transform` says otherwise. */
  readonly window?: WindowSpec;
}

/** An event that a context's function fails on, or that came too late for its window. */
export interface Parked {
  readonly event: ChangeEvent;
  readonly why: string;
}

export interface Ascended {
  readonly drafts: readonly EventDraft[];
  readonly parked: readonly Parked[];
  readonly windows: Windows;
}

export function ascended(from: string, ascent: Ascent, windows: Windows, events: readonly ChangeEvent[]): Ascended {
  const drafts: EventDraft[] = [];
  const parked: Parked[] = [];
  let now = windows;
  for (const event of events) {
    if (!isWanted(ascent, event)) continue;
    try {
      const { window } = ascent;
      const place = window && counted(now, window, event);
      const above = aboveOf(from, ascent, event);
      if (above) drafts.push(above);
      if (!window || !place) continue;
      now = place.windows;
      drafts.push(...place.closed.map((closed) => toldOf(from, window, closed)));
      if (!place.inTime)
        parked.push({ event, why: `it came later than ${window.latenessMs} ms behind the newest: its window ${window.name} was told of` });
    } catch (error) {
      parked.push({ event, why: asTidemarkError(error).message });
    }
  }
  return { drafts, parked, windows: now };
}

/** When all was read that there is. @param now ms since the epoch */
export function rested(from: string, { window }: Ascent, windows: Windows, now: number): Ascended {
  if (!window) return { drafts: [], parked: [], windows };
  const { windows: next, closed } = idled(windows, window, now);
  return { drafts: closed.map((each) => toldOf(from, window, each)), parked: [], windows: next };
}

function isWanted({ collections, operations }: Ascent, { collection, operation }: ChangeEvent): boolean {
  return (collections?.includes(collection) ?? true) && (operations?.includes(operation) ?? true);
}

/** Two streams below may use the same ids: above, an id begins with where it came from. It is the same at each try, and all the way up. */
function aboveOf(from: string, { transform }: Ascent, event: ChangeEvent): EventDraft | null {
  const { sequence: _place, ...draft } = event;
  const named = draft.source === undefined ? { ...draft, id: `${from}/${draft.id}`, source: from } : draft;
  if (!transform) return named;
  const made = transform(event);
  if (made === null) return null;
  const { before: _before, after: _after, changedFields: _fields, ...rest } = named;
  return { ...rest, ...made };
}

function toldOf(from: string, { name, sizeMs }: WindowSpec, { start, key, value }: OpenWindow): EventDraft {
  const after: Json = { start, end: start + sizeMs, key, value };
  const documentId = `${new Date(start).toISOString()}${key === '' ? '' : `/${key}`}`;
  return { id: `${from}/${name}/${documentId}`, operation: 'INSERT', collection: name, documentId, timestamp: start + sizeMs, after, source: from };
}
