/** What the endpoints of the gateway work with, beside the runtime of all. */
import type { GatewayConfig } from '../../lib/config/config.ts';
import type { GatewayStore, Presigned, PresignRequest } from '../../lib/ports/gateway-store.ts';
import type { ReadDeps, WriteDeps } from '../../lib/usecases/gateway/object-deps.ts';
import type { AskDeps } from '../../lib/usecases/gateway/promote.ts';

export interface GatewayRuntime {
  readonly config: GatewayConfig;
  readonly failover: AskDeps;
  readonly reads: ReadDeps;
  readonly writes: WriteDeps;
  /** Not gated: what it answers tells how a region is. */
  readonly store: (region: string) => GatewayStore;
  /** How far the region may be behind what was acknowledged, ms; null where nobody knows. The active one may be after a switch, for a while. */
  readonly behindMs: (region: string) => Promise<number | null>;
  /** Signs an address of this gateway itself, where a region signs none. @param origin as the caller reached it, `http://localhost:8111` */
  readonly signOwn?: (origin: string, request: PresignRequest) => Presigned;
  /** Larger bodies go by signed addresses, bytes; absent: any size passes. */
  readonly maxBytes?: { readonly put: number; readonly get: number };
}
