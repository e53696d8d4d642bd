/** A Route of objects: from one region to another, and what of it. */
import { type ObjectChange, otherSide, SIDES, type Side } from '../change.ts';
import type { Sight } from '../objects/sight.ts';

export interface Route {
  /** Unique; `[a-z0-9-]`, so that it can stand in ids and paths. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Keys that begin with it are in scope; '' is all. */
  readonly prefix: string;
  readonly deletes: boolean;
  /** Keys that end in one of them are in scope. Absent: whatever they end in. */
  readonly suffix?: readonly string[];
  /** Objects of this size and more, and of this size and less, are carried, bytes. */
  readonly minBytes?: number;
  readonly maxBytes?: number;
  /** Objects that have all of these tags are carried. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly throttle?: Throttle;
  /** Stands before each key at the destination. Absent: keys are the same on both sides. */
  readonly destinationPrefix?: string;
  /** Of what is written, as S3 names it. Absent: the source's own. */
  readonly storageClass?: string;
  /** What is written is encrypted with it (SSE-KMS). Absent: as the destination's bucket does by default. */
  readonly kmsKeyArn?: string;
  /** Both regions are written by users, and each is made equal to the other (O8). Absent: changes go from `from` to `to` alone. */
  readonly bidirectional?: Bidirectional;
  /** Absent: none is sent. */
  readonly canary?: { /** From one to the next, seconds. */ readonly everySec: number };
}

/** What a route may do in a second; without one of them as much as there is. */
export interface Throttle {
  readonly objectsPerSec?: number;
  readonly bytesPerSec?: number;
  /** Processes that share it, each taking its part. Absent: one. */
  readonly sharedBy?: number;
}

/** Who wins where both sides of a key changed since they were last equal. */
export interface Bidirectional {
  /** The region whose state wins. Absent: the newer one by origin time does. */
  readonly prefer?: string;
  /**
   * How far a store's clock may be ahead of ours, ms: a time that lies further in the future is not believed, and then `from` wins,
   * as it does between equal times.
   */
  readonly maxSkewMs: number;
}

export const DEFAULT_MAX_SKEW_MS = 60_000;

/** @returns the ends where changes happen that the route carries; of a one-way route `from` alone */
export function writtenSides({ bidirectional }: Pick<Route, 'bidirectional'>): readonly Side[] {
  return bidirectional ? SIDES : ['from'];
}

/** The way back of a bidirectional route. Storage class and key are those of `to`: what is copied back is as its bucket makes it. */
export function reversed({ storageClass: _class, kmsKeyArn: _key, ...route }: Route): Route {
  return { ...route, from: route.to, to: route.from };
}

/** @returns the regions of these ends */
export function sourcesOf(route: Route): readonly string[] {
  return writtenSides(route).map((side) => route[side]);
}

/** @returns at which ends of a route a change happens that one of these regions tells of */
export function sidesIn(route: Route, regions: readonly string[]): readonly Side[] {
  return writtenSides(route).filter((side) => regions.includes(route[side]));
}

/** @returns the end at which this region is the source of what the route carries; null where it is none */
export function sourceSide(route: Route, { srcRegion, dstRegion }: { readonly srcRegion: string; readonly dstRegion: string }): Side | null {
  return writtenSides(route).find((side) => route[side] === srcRegion && route[otherSide(side)] === dstRegion) ?? null;
}

/** The same change, as the route knows it. */
export function changeAt<C extends ObjectChange>(change: C, side: Side): C {
  return side === 'from' ? change : { ...change, side };
}

/** What the source's key, or the beginning of keys, is called at the destination. */
export function destinationKey({ destinationPrefix = '' }: Pick<Route, 'destinationPrefix'>, key: string): string {
  return destinationPrefix + key;
}

/** Objects below it are made and removed while an endpoint's capabilities are probed; they are nobody's. */
export const PROBE_PREFIX = '.tidemark-probe/';

/** Right below a route's prefix its canary lies; keys that hold this are Tidemark's, on every route. */
export const CANARY_PREFIX = '.tidemark-canary/';

/** With the route's prefix and suffix, since a store tells of nothing else. */
export function canaryKey({ prefix, name, suffix: [end = ''] = [] }: Pick<Route, 'prefix' | 'name' | 'suffix'>): string {
  return `${prefix}${CANARY_PREFIX}${name}${end}`;
}

/** Written by Tidemark itself: it tells nothing of what users hold. */
export function isOurs(key: string): boolean {
  return isProbe(key) || key.includes(CANARY_PREFIX);
}

/** By the key alone, before anything is asked: true for a user's key, that is listed, compared and told of by people. */
export function inScope({ prefix, suffix }: Route, key: string): boolean {
  return key.startsWith(prefix) && !isOurs(key) && (suffix === undefined || suffix.some((end) => key.endsWith(end)));
}

/** True for what the route copies when a store tells of it: users' keys, and its own canary, which nothing but events brings across. */
export function carries(route: Route, key: string): boolean {
  return inScope(route, key) || (route.canary !== undefined && key === canaryKey(route));
}

/** By what a listing or an event tells. What it does not tell is decided when the object is looked at. */
export function selects(route: Route, { key, size }: { readonly key: string; readonly size?: number }): boolean {
  return inScope(route, key) && (size === undefined || sizeProblem(route, size) === null);
}

/** @returns why an object that is in scope by its key is not carried, in words for people; null: it is */
export function filteredOut(route: Route, { size, tags = {} }: Pick<Sight, 'size' | 'tags'>): string | null {
  const wanted = Object.entries(route.tags ?? {}).filter(([name, value]) => tags[name] !== value || !Object.hasOwn(tags, name));
  if (wanted.length > 0) return `the route carries objects that have the tag ${wanted.map(([name, value]) => `${name}=${value}`).join(', ')}`;
  return sizeProblem(route, size);
}

/** True where what a key is called does not tell whether the route carries it. */
export function filtersObjects({ minBytes, maxBytes, tags }: Route): boolean {
  return minBytes !== undefined || maxBytes !== undefined || tags !== undefined;
}

function sizeProblem({ minBytes = 0, maxBytes = Number.POSITIVE_INFINITY }: Route, size: number): string | null {
  if (size < minBytes) return `the object has ${size} bytes, and the route carries those of ${minBytes} and more`;
  return size > maxBytes ? `the object has ${size} bytes, and the route carries those of ${maxBytes} and less` : null;
}

/** One is made with a slash before it, to see what the store makes of that. */
export function isProbe(key: string): boolean {
  return key.startsWith(PROBE_PREFIX) || key.startsWith(`/${PROBE_PREFIX}`);
}
