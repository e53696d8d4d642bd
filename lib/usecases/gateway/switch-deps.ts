import type { Authority } from './authority.ts';
import type { GatewayDeps } from './deps.ts';

export interface SwitchDeps extends GatewayDeps {
  /** Of this process, over the same control store. */
  readonly authority: Authority;
}
