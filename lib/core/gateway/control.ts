/** The control record: which region is active, and whether writes are taken. Written by compare-and-swap alone. */
import type { GatewayRules } from './rules.ts';

/** `begin`: the first epoch. `auto`: an observer. `promote`, `failback`: a person. */
export type SwitchKind = 'begin' | 'auto' | 'promote' | 'failback';

export interface Switch {
  readonly epoch: number;
  /** Null at the beginning. */
  readonly from: string | null;
  readonly to: string;
  readonly kind: SwitchKind;
  /** A person wanted it whatever spoke against it. */
  readonly forced: boolean;
  /** By the clock of who made it, ms since the epoch: for people, nothing is decided by it. */
  readonly at: number;
  /** As the audit trail names its actors. */
  readonly by: string;
  readonly why: string;
  /** The entry of the audit trail that told of it before it was made. */
  readonly intent: number;
  /** The entry that told of it afterwards; null until somebody noted one. */
  readonly outcome: number | null;
}

export interface ControlRecord {
  /** Every write is a compare-and-swap on it, and makes it greater by one. */
  readonly version: number;
  /** From 1; greater by one with each switch. */
  readonly epoch: number;
  /** The one region that takes writes in this epoch. */
  readonly active: string;
  /** Whether it does yet: never before every lease of the epochs before has run out. */
  readonly open: boolean;
  /** How long a reading of this epoch is good for, ms. */
  readonly leaseMs: number;
  /** The longest lease of an earlier epoch that may still have run when this one began, ms. */
  readonly closedMs: number;
  /** The newest first, the first one made this epoch. */
  readonly switches: readonly [Switch, ...Switch[]];
}

/** What a switch is to be. */
export type Wish = Pick<Switch, 'to' | 'kind' | 'forced' | 'at' | 'by' | 'why' | 'intent'>;

const KEPT_SWITCHES = 10;

/** The first record. Nobody can hold a lease of an earlier epoch, so that writes are taken at once. */
export function begin({ first, leaseMs }: GatewayRules, { at, by, intent }: Pick<Switch, 'at' | 'by' | 'intent'>): ControlRecord {
  const made: Switch = {
    epoch: 1,
    from: null,
    to: first,
    kind: 'begin',
    forced: false,
    at,
    by,
    why: 'the gateway is used for the first time',
    intent,
    outcome: null,
  };
  return { version: 1, epoch: 1, active: first, open: true, leaseMs, closedMs: 0, switches: [made] };
}

/** The next epoch: another region, and no writes yet. */
export function switched(record: ControlRecord, wish: Wish, leaseMs: number): ControlRecord {
  const { to, kind, forced, at, by, why, intent } = wish;
  const epoch = record.epoch + 1;
  const made: Switch = { epoch, from: record.active, to, kind, forced, at, by, why, intent, outcome: null };
  // An epoch that never took writes leaves no lease behind, but those before it may still run.
  const closedMs = Math.max(record.leaseMs, record.open ? 0 : record.closedMs);
  const [newest, ...older] = record.switches;
  const kept = older.slice(0, KEPT_SWITCHES - 2);
  return { version: record.version + 1, epoch, active: to, open: false, leaseMs, closedMs, switches: [made, newest, ...kept] };
}

/** Writes are taken from now on. Only where `opensIn` says 0. */
export function opened(record: ControlRecord): ControlRecord {
  return { ...record, version: record.version + 1, open: true };
}

/** The switch whose outcome the audit trail has not told, as far as the record knows: the oldest of them. */
export function untold({ switches }: ControlRecord): Switch | null {
  return switches.findLast(({ outcome }) => outcome === null) ?? null;
}

/** The audit trail's entry `outcome` tells of the switch that entry `intent` announced. */
export function told(record: ControlRecord, intent: number, outcome: number): ControlRecord {
  const tell = (made: Switch): Switch => (made.intent === intent ? { ...made, outcome } : made);
  const [newest, ...older] = record.switches;
  return { ...record, version: record.version + 1, switches: [tell(newest), ...older.map(tell)] };
}
