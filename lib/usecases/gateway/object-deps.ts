/** What reading and writing objects through the gateway needs of the world. */
import type { ObjectChange } from '../../core/change.ts';
import type { Route } from '../../core/routes/route.ts';
import type { GatewayStore } from '../../ports/gateway-store.ts';
import type { Queue } from '../../ports/queue.ts';
import type { Clock } from '../../ports/system.ts';
import type { Reader, Writer } from './authority.ts';

export interface ReadDeps {
  readonly route: Route;
  readonly authority: { reader(): Promise<Reader> };
  /** Fails at once while its region is known to fail. */
  readonly reading: (region: string) => Pick<GatewayStore, 'get' | 'head'>;
  readonly queue: Pick<Queue, 'send'>;
  readonly clock: Clock;
}

export interface WriteDeps {
  readonly route: Route;
  /** See Authority.writing. */
  readonly authority: { writing<T>(work: (writer: Writer) => Promise<T>): Promise<T> };
  readonly writing: (region: string) => Pick<GatewayStore, 'put' | 'remove'>;
  /** Why the route could carry nothing of what is written; null: it can, as far as is known. Absent: it is not asked. */
  readonly unfit?: () => Promise<string | null>;
  /** Has the change on its way when it resolves: stored, or told by the region itself. */
  readonly announce: (change: ObjectChange) => Promise<void>;
  /** Names a write in the audit trail before it happens; absent: they are not audited. */
  readonly audited?: (write: { readonly op: 'PUT' | 'DELETE'; readonly key: string; readonly region: string; readonly by: string }) => Promise<void>;
  readonly clock: Clock;
}
