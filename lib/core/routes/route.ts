/** A Route of objects: from one region to another, and what of it. */
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
