import type { GatewayRules } from '../../core/gateway/rules.ts';
import type { AuditTrail } from '../../ports/audit.ts';
import type { ControlStore } from '../../ports/control.ts';
import type { SteadyClock } from '../../ports/system.ts';

export interface GatewayDeps {
  readonly control: ControlStore;
  readonly audit: AuditTrail;
  readonly clock: SteadyClock;
  readonly rules: GatewayRules;
  /** Whether signed heads tell of an audit trail that was begun before. Absent: the control record outlives its processes by itself. */
  readonly isBegun?: () => Promise<boolean>;
}
