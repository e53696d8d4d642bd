/** A Route of objects: from one region to another, and what of it. */
export interface Route {
  /** Unique; `[a-z0-9-]`, so that it can stand in ids and paths. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Keys that begin with it are in scope; '' is all. */
  readonly prefix: string;
  readonly deletes: boolean;
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
