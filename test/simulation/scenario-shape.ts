/** What a schedule is about, as plain data: it can be printed, and shrunk. */

export type UserOp =
  | { readonly do: 'put'; readonly at: number; readonly key: string; readonly label: string; readonly meta: string; readonly tags: string }
  | { readonly do: 'delete'; readonly at: number; readonly key: string; readonly untold?: true }
  | { readonly do: 'meta'; readonly at: number; readonly key: string; readonly meta: string }
  | { readonly do: 'tags'; readonly at: number; readonly key: string; readonly tags: string }
  /** The application's own event through the API, about an etag of its own choice. */
  | { readonly do: 'ingest'; readonly at: number; readonly key: string; readonly op: 'PUT' | 'DELETE' }
  | { readonly do: 'run'; readonly at: number }
  /** A backfill lists both sides, and asks for looks that may come much later. */
  | { readonly do: 'list'; readonly at: number; readonly mode: 'missing' | 'all' }
  /** The source bucket (or folder) is gone for a while. */
  | { readonly do: 'unmount'; readonly at: number; readonly forMs: number };

export interface Faults {
  /** Per request: it never arrives; its answer is lost; it is refused with "slow down". */
  readonly drop: number;
  readonly lost: number;
  readonly throttle: number;
  /** Per request: the worker gets a time-out, and the request lands later all the same. */
  readonly late: number;
  /** The same of requests that change the destination alone: few are, and what looks again afterwards is there for them. */
  readonly lateWrite: number;
  /** Per await: the worker dies; it sleeps for minutes and then goes on. */
  readonly crash: number;
  readonly stall: number;
  /** Per event: told twice; told minutes later; never told (a reconcile must find it). */
  readonly duplicate: number;
  readonly delay: number;
  readonly loseEvent: number;
  /** Clocks of workers are off by up to this, ms. */
  readonly skewMs: number;
}

export interface Scenario {
  readonly seed: number;
  readonly store: {
    readonly versioned: boolean;
    readonly serverSide: boolean;
    readonly conditionalCopy: boolean;
    readonly conditionalPut: boolean;
    readonly conditionalDelete: boolean;
    /** A server-side copy reads its source in one moment and writes in a later one. */
    readonly slowCopy: boolean;
    /** Objects are large: copied by parts. */
    readonly large: boolean;
  };
  readonly workers: number;
  readonly batch: number;
  /** Of a lease, ms. */
  readonly leaseMs: number;
  /** Writes of this key are refused at the destination for ever. */
  readonly poison: boolean;
  /** Someone else put an object of the first key at the destination: nobody but its user may have it deleted. */
  readonly foreign: boolean;
  readonly user: readonly UserOp[];
  /** An operator pauses the route, and resumes it later, ms. */
  readonly pauses: readonly { readonly at: number; readonly forMs: number }[];
  /** When a copy's bytes rot at the destination, and when a deep repair is run, ms. */
  readonly damages: readonly { readonly at: number; readonly key: string; readonly repairAt: number }[];
  readonly faults: Faults;
}
