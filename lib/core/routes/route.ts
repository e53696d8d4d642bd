/** A Route of objects: from one region to another, and what of it. */
import { type ObjectChange, otherSide, SIDES, type Side } from '../change.ts';

export interface Route {
  /** Unique; `[a-z0-9-]`, so that it can stand in ids and paths. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Keys that begin with it are in scope; '' is all. */
  readonly prefix: string;
  readonly deletes: boolean;
  /** Stands before each key at the destination. Absent: keys are the same on both sides. */
  readonly destinationPrefix?: string;
  /** Of what is written, as S3 names it. Absent: the source's own. */
  readonly storageClass?: string;
  /** What is written is encrypted with it (SSE-KMS). Absent: as the destination's bucket does by default. */
  readonly kmsKeyArn?: string;
  /** Both regions are written by users, and each is made equal to the other (O8). Absent: changes go from `from` to `to` alone. */
  readonly bidirectional?: Bidirectional;
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

export function inScope(route: Route, key: string): boolean {
  return key.startsWith(route.prefix) && !isProbe(key);
}

/** One is made with a slash before it, to see what the store makes of that. */
export function isProbe(key: string): boolean {
  return key.startsWith(PROBE_PREFIX) || key.startsWith(`/${PROBE_PREFIX}`);
}
