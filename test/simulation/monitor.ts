/** Holds every write against the invariants of lib/core/objects/SPEC.md while a schedule runs. */
import type { ReplicationRecord } from '../../lib/core/objects/record.ts';
import { type Bucket, etagOf, type Version } from './model/bucket.ts';
import type { Table } from './model/table.ts';
import { RecordChecks } from './record-checks.ts';
import type { Actor } from './scheduler.ts';

export interface Violation {
  readonly invariant: string;
  readonly what: string;
}

/** The state of a key in the order the user made it; label null is absence. */
interface Step {
  readonly stamp: number;
  readonly label: string | null;
  readonly meta: string;
  readonly at: number;
}

export class Monitor {
  readonly violations: Violation[] = [];
  readonly records: RecordChecks;
  /** Keys whose delete no event told. */
  readonly lostDeletes = new Set<string>();
  /** Keys that an application told us to delete, whatever the source held. */
  readonly toldToDelete = new Set<string>();
  writes = 0;
  readonly #strict: boolean;
  readonly #source: Bucket;
  readonly #destination: Bucket;
  readonly #table: Table;
  readonly #now: () => number;
  readonly #history = new Map<string, Step[]>();
  /** Per key: the newest source state that was completed as applied. */
  readonly #completed = new Map<string, number>();
  /** Keys that were claimed once: a write under that claim may have landed, whatever became of its worker. */
  readonly #claimed = new Set<string>();
  #stamp = 0;

  constructor(strict: boolean, source: Bucket, destination: Bucket, table: Table, now: () => number) {
    this.#strict = strict;
    this.#source = source;
    this.#destination = destination;
    this.#table = table;
    this.#now = now;
    this.records = new RecordChecks(table, now, (invariant, what) => this.violate(invariant, what));
  }

  /** From now on every write is judged; what the destination holds already was put there by others. */
  watch(): void {
    this.#destination.onChange = (key, before, after) => this.#written(key, before, after);
    this.#table.onPut = (record, before, actor) => this.#recorded(record, before, actor);
  }

  nextStamp(): number {
    return ++this.#stamp;
  }

  userWrote(key: string, stamp: number, version: Pick<Version, 'label' | 'meta'> | null): void {
    this.#history.set(key, [...(this.#history.get(key) ?? []), { stamp, label: version?.label ?? null, meta: version?.meta ?? '', at: this.#now() }]);
  }

  violate(invariant: string, what: string): void {
    this.violations.push({ invariant, what });
  }

  #written(key: string, before: Version | null, after: Version | null): void {
    this.writes++;
    const steps = this.#history.get(key) ?? [];
    if (after) {
      if (!steps.some((step) => step.label === after.label)) this.violate('O4', `${key}: the bytes ${after.label} never were at the source`);
      if (this.#strict && !after.unguarded) this.#notStale(key, after.stamp, after);
      return;
    }
    if (!before) return;
    const deleted = steps.findLast((step) => step.label === null);
    if (!deleted && !this.toldToDelete.has(key)) this.violate('O10', `${key}: deleted at the destination, but never at the source`);
    // A delete that lands long after its sender died may hit a later object with the same etag; the look after it mends that (O1).
    if (!this.#strict) return;
    const now = steps.at(-1);
    // A delete needs that the source was seen without the key: it must have been gone after whatever was applied.
    const completed = this.#completed.get(key) ?? 0;
    if (deleted && deleted.stamp < completed)
      this.violate('O10', `${key}: deleted at the destination for delete #${deleted.stamp}, after #${completed} was applied`);
    // What a look saw before the bucket went away it may still act on; no look lasts longer than this.
    const longBack = now !== undefined && now.label !== null && this.#now() - now.at > 75_000;
    if (longBack) this.violate('O10', `${key}: deleted at the destination long after it was back at the source`);
  }

  /** O2 and O3: never back to a state older than one that was applied, unless it looks the same. */
  #notStale(key: string, stamp: number, after: Version): void {
    const completed = this.#completed.get(key) ?? 0;
    if (stamp >= completed) return;
    const newest = this.#history.get(key)?.find((step) => step.stamp === completed);
    if (!newest) return;
    if (newest.label === null) this.violate('O3', `${key}: #${stamp} came back after delete #${completed} was applied`);
    else if (newest.label !== after.label || newest.meta !== after.meta)
      this.violate('O2', `${key}: #${stamp} overwrote #${completed}, which was applied already`);
  }

  #recorded(record: ReplicationRecord, before: ReplicationRecord | null, actor: Actor): void {
    if (record.lease) this.#claimed.add(record.key);
    this.records.recorded(record, before, actor);
    if (record.applied === before?.applied || !record.applied) return;
    const steps = this.#history.get(record.key) ?? [];
    const held = this.#destination.current(record.key);
    const { applied } = record;
    if (applied.kind === 'object' && applied.etag !== applied.destination.etag)
      this.violate(
        'O4',
        `${record.key}: the record says that ${applied.etag} is at the destination as ${applied.destination.etag}, which are other bytes`,
      );
    const stamp =
      record.applied.kind === 'tombstone'
        ? (steps.findLast((step) => step.label === null)?.stamp ?? 0)
        : held && record.applied.kind === 'object' && etagOf(held.label) === record.applied.destination.etag
          ? held.stamp
          : 0;
    this.#completed.set(record.key, Math.max(stamp, this.#completed.get(record.key) ?? 0));
  }

  /** When all is quiet. */
  finish(queueSize: number, expected: ReadonlySet<string>): void {
    for (const key of this.#history.keys()) {
      const source = this.#source.current(key);
      const destination = this.#destination.current(key);
      const record = this.#table.items.get(key);
      // O10 goes before O1: no event told of the delete, and nobody recorded that the object came from here, or was about to.
      const neverHere = destination?.stamp === 0 && !this.toldToDelete.has(key) && !this.#history.get(key)?.some((step) => step.label === null);
      // Nor may a source that lists nothing at all delete anything without an event.
      const untold = (!record?.applied && !this.#claimed.has(key)) || this.#source.keys().length === 0;
      const extra = !source && (this.lostDeletes.has(key) || neverHere) && untold;
      if (look(source) !== look(destination) && !extra)
        this.violate('O1', `${key}: the source holds ${look(source)}, the destination ${look(destination)}`);
    }
    this.records.finish(queueSize, expected);
  }
}

function look(version: Version | null): string {
  return version ? `${version.label} (${version.meta}, tags ${version.tags || 'none'})` : 'nothing';
}
