/** Tumbling windows over the time of events: [start, start + sizeMs), by key, closed by a watermark. */
import { TidemarkError } from '../errors.ts';
import type { ChangeEvent, Json } from '../log/event.ts';

/** What is made of the events of one window. Both functions are pure. */
export interface Aggregate {
  readonly start: Json;
  readonly add: (value: Json, event: ChangeEvent) => Json;
}

export interface WindowSpec extends Aggregate {
  /** Names what is told of each window; its collection. */
  readonly name: string;
  readonly sizeMs: number;
  /** How much older than the newest an event may be and still count, ms. */
  readonly latenessMs: number;
  /** Windows of one time are kept apart by it. @default one for all */
  readonly keyOf?: (event: ChangeEvent) => string;
}

export interface OpenWindow {
  /** ms since the epoch. */
  readonly start: number;
  readonly key: string;
  readonly value: Json;
}

export interface Windows {
  /** No event that is older counts any more, ms since the epoch; it never goes back. */
  readonly watermark: number;
  /** By start and key, the oldest first. */
  readonly open: readonly OpenWindow[];
}

export interface Counted {
  readonly windows: Windows;
  /** Those whose end the watermark has passed, the oldest first. */
  readonly closed: readonly OpenWindow[];
  /** False: its window is over, and was told of. */
  readonly inTime: boolean;
}

/** Open at once: they are kept in one record. */
export const MAX_OPEN = 256;
/** Of the value of one, as JSON. */
const MAX_VALUE = 1_024;

export const NO_WINDOWS: Windows = { watermark: 0, open: [] };

/** @throws what the spec's functions throw, and TidemarkError INVALID_INPUT for more than can be kept; nothing is counted then */
export function counted(windows: Windows, spec: WindowSpec, event: ChangeEvent): Counted {
  const { sizeMs, latenessMs, keyOf = () => '' } = spec;
  const start = Math.floor(event.timestamp / sizeMs) * sizeMs;
  if (start + sizeMs <= windows.watermark) return { windows, closed: [], inTime: false };
  const key = keyOf(event);
  const same = ({ start: its, key: own }: OpenWindow): boolean => its === start && own === key;
  const value = spec.add(windows.open.find(same)?.value ?? spec.start, event);
  const others = windows.open.filter((each) => !same(each));
  const problem = unkeepable(others.length + 1, value);
  if (problem) throw new TidemarkError('INVALID_INPUT', `window ${spec.name}: ${problem}`, { field: 'window' });
  const open = [...others, { start, key, value }].sort(byStart);
  return { ...passed({ ...windows, open }, sizeMs, event.timestamp - latenessMs), inTime: true };
}

/** All has been read that there is, and time goes on: windows end though nothing comes. @param now ms since the epoch */
export function idled(windows: Windows, { sizeMs, latenessMs }: WindowSpec, now: number): Omit<Counted, 'inTime'> {
  return passed(windows, sizeMs, now - latenessMs);
}

function unkeepable(open: number, value: Json): string | null {
  if (open > MAX_OPEN) return `${open} are open at once, and ${MAX_OPEN} at most are kept: take longer ones, or fewer keys`;
  const size = JSON.stringify(value)?.length ?? Number.NaN;
  return size <= MAX_VALUE ? null : `its value takes ${size} characters as JSON, and ${MAX_VALUE} at most are kept`;
}

function passed({ watermark, open }: Windows, sizeMs: number, time: number): Omit<Counted, 'inTime'> {
  const now = Math.max(watermark, time);
  const isOver = ({ start }: OpenWindow): boolean => start + sizeMs <= now;
  return { windows: { watermark: now, open: open.filter((each) => !isOver(each)) }, closed: open.filter(isOver) };
}

function byStart(a: OpenWindow, b: OpenWindow): number {
  return a.start - b.start || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

export const count: Aggregate = { start: 0, add: (value) => Number(value) + 1 };

/** The newest by its place in the stream. */
export const last: Aggregate = { start: null, add: (_value, { after = null }) => after };

/** Of a number among the members of `after`; an event without it adds nothing. */
export function sum(member: string): Aggregate {
  return {
    start: 0,
    add: (value, { after }) => {
      const added =
        typeof after === 'object' && after !== null && !Array.isArray(after) && Object.hasOwn(after, member) ? memberOf(after, member) : 0;
      return Number(value) + (typeof added === 'number' ? added : 0);
    },
  };
}

function memberOf(value: object, member: string): unknown {
  return Object.getOwnPropertyDescriptor(value, member)?.value;
}
