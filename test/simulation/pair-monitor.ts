/** Holds every write of a bidirectional route against the invariants of lib/core/objects/SPEC.md while a schedule runs. */

import type { Conflict } from '../../lib/core/objects/conflict.ts';
import type { ReplicationRecord } from '../../lib/core/objects/record.ts';
import { printOf, tagsPrintOf } from '../../lib/core/objects/sight.ts';
import { LATE_WRITE_MS } from '../../lib/usecases/replay-key.ts';
import type { Bucket, Version } from './model/bucket.ts';
import type { Table } from './model/table.ts';
import type { Violation } from './monitor.ts';
import { PairHistory, type UserWrite } from './pair-history.ts';
import { isCalm, type PairScenario, REGIONS, type Region } from './pair-scenario.ts';
import { RecordChecks } from './record-checks.ts';

/** A user's write that was replaced by one that had not seen it. */
interface Loss {
  readonly region: Region;
  readonly write: UserWrite;
  readonly by: number;
  readonly at: number;
}

export class PairMonitor {
  readonly violations: Violation[] = [];
  readonly records: RecordChecks;
  readonly history = new PairHistory();
  /** Keys of which a delete was told by nobody. */
  readonly lostDeletes = new Set<string>();
  /** Regions that listed nothing when they were compared, whatever was copied there since. */
  readonly empty = new Set<Region>();
  /** A delete of what was not there, told by its store, or by an application that dated it later than it was made. */
  readonly toldDeletes: Pick<UserWrite, 'key' | 'in' | 'at'>[] = [];
  writes = 0;
  /** Told of each write that is no user's: the store tells everyone of it. */
  onOurs: (region: Region, key: string, after: Version | null) => void = () => undefined;
  readonly #scenario: PairScenario;
  readonly #buckets: Readonly<Record<Region, Bucket>>;
  readonly #table: Table;
  readonly #now: () => number;
  readonly #losses: Loss[] = [];
  /** `key label`, or `key deleted`: what the records ever told as lost. */
  readonly #conflicts = new Set<string>();
  /** What a write under way was announced to give up. */
  readonly #announced = new Set<string>();
  /** By key: when both sides were seen to hold nothing. What is written after that knows every delete before. */
  readonly #emptied = new Map<string, number[]>();
  /** By key: the record that announced the last write. */
  readonly #knownThen = new Map<string, ReplicationRecord>();
  readonly #writesOf = new Map<string, number>();
  /** Keys of which a copy brought metadata or tags that its look had not seen, as a pin knows bytes alone: SPEC.md, not promised. */
  readonly #unseen = new Set<string>();
  #user = false;
  #stamp = 0;

  constructor(scenario: PairScenario, buckets: Readonly<Record<Region, Bucket>>, table: Table, now: () => number) {
    this.#scenario = scenario;
    this.#buckets = buckets;
    this.#table = table;
    this.#now = now;
    this.records = new RecordChecks(table, now, (invariant, what) => this.violate(invariant, what), LATE_WRITE_MS);
    for (const region of REGIONS) {
      buckets[region].onChange = (key, _before, after) => {
        if (!this.#user) this.#written(region, key, after);
      };
    }
    table.onPut = (record, before, actor) => {
      this.records.recorded(record, before, actor);
      if (record.writing && record.writing !== before?.writing) this.#knownThen.set(record.key, record);
      const nowhere = record.applied?.kind === 'tombstone' && REGIONS.every((region) => buckets[region].current(record.key) === null);
      if (nowhere) this.#emptied.set(record.key, [...(this.#emptied.get(record.key) ?? []), now()]);
      this.#conflictsOf(record);
    };
  }

  violate(invariant: string, what: string): void {
    this.violations.push({ invariant, what });
  }

  /** A user writes: not judged, but all that comes after it is judged by it. */
  userWrites(region: Region, key: string, content: Pick<Version, 'label' | 'meta' | 'tags'> | null, write: (stamp: number) => void): void {
    const stamp = ++this.#stamp;
    const before = this.#buckets[region].current(key);
    const applied = this.#table.items.get(key)?.applied;
    const known = applied?.kind === 'pair' ? applied[region === 'east' ? 'from' : 'to'] : null;
    const ofRecorded = before !== null && known?.etag === this.#buckets[region].etagOf(before.label);
    const { label = null, meta = '', tags = '' } = content ?? {};
    this.history.wrote({ stamp, key, in: region, label, meta, tags, at: this.#now(), ofRecorded });
    this.#user = true;
    write(stamp);
    this.#user = false;
  }

  #written(region: Region, key: string, after: Version | null): void {
    this.writes++;
    this.#compareWithAnnounced(region, key, after);
    this.#writesOf.set(key, (this.#writesOf.get(key) ?? 0) + 1);
    const lost = this.history.held(region, key);
    if (!after && !this.#scenario.deletes) this.violate('O10', `${key}: deleted in ${region} on a route that carries no deletes`);
    const by = after ? this.#stampOf(region, key, after) : this.#deleteFor(region, key, lost);
    if (by === undefined) {
      this.violate('O10', `${key}: deleted in ${region}, but never in the other region`);
      return;
    }
    if (after && this.history.writes.get(by)?.label !== after.label) this.violate('O4', `${key}: the bytes ${after.label} never were written so`);
    this.#notStale(region, key, lost, by);
    const write = this.history.writes.get(lost);
    if (write && !this.history.knew(by, lost)) this.#losses.push({ region, write, by, at: this.#now() });
    this.history.hold(region, key, by, this.#now());
    this.onOurs(region, key, after);
  }

  #compareWithAnnounced(region: Region, key: string, after: Version | null): void {
    const carried = this.#table.items.get(key)?.writing?.source;
    if (!after || !carried) return;
    const sight = this.#buckets[region].sightOf(after, true);
    if (printOf(sight) !== carried.print || tagsPrintOf(sight) !== carried.tags) this.#unseen.add(key);
  }

  /** Tags travel beside the bytes: a copy may bring those of a later write of the same bytes. An upload may go on for what was written alike. */
  #stampOf(region: Region, key: string, { stamp, label, meta, tags }: Version): number {
    const same = (write: UserWrite | undefined): boolean => write?.label === label && write.meta === meta && write.tags === tags;
    const there = this.history.held(region === 'east' ? 'west' : 'east', key);
    if (same(this.history.writes.get(there)) && this.history.knew(there, stamp)) return there;
    if (same(this.history.writes.get(stamp))) return stamp;
    const { history } = this;
    const alike = history.ofKey(key).filter(same);
    const later = alike.findLast((write) => history.knew(write.stamp, stamp));
    // An upload has the metadata that its look saw, which may be of an earlier write of the same bytes than its parts.
    const { serverSide, large } = this.#scenario.store;
    const earlier = serverSide && large ? alike.findLast((write) => history.knew(stamp, write.stamp)) : undefined;
    return (later ?? earlier)?.stamp ?? stamp;
  }

  /** @returns the delete in the other region that a removal carries over: one that knew what is removed, else any */
  #deleteFor(region: Region, key: string, removed: number): number | undefined {
    const deletes = this.history.ofKey(key).filter((write) => write.label === null && write.in !== region);
    return (deletes.findLast(({ stamp }) => this.history.knew(stamp, removed)) ?? deletes.at(-1))?.stamp;
  }

  /** O2 and O3: what was replaced by someone who knew it never comes back over that one. */
  #notStale(region: Region, key: string, held: number, by: number): void {
    const { history } = this;
    if (held === by || !history.knew(held, by) || by === 0 || history.sameContent(held, by) || this.#unseen.has(key)) return;
    if (history.looksUnchanged(region, key, held, this.#now())) return;
    // Who died before it could say so leaves it open whether the copy was seen: the conflict is told.
    if (this.#isIn(this.#announced, held) || !this.#wasTold(region, held)) return;
    const wasDelete = history.writes.get(held)?.label === null;
    // A delete that is not carried is not told either: SPEC.md, not promised.
    if (wasDelete && !this.#scenario.deletes) return;
    this.violate(wasDelete ? 'O3' : 'O2', `${key}: #${by} came back in ${region} over #${held}, which was made in its knowledge`);
  }

  #conflictsOf(record: ReplicationRecord): void {
    const announced = record.writing?.loser;
    if (announced) this.#announced.add(nameOf(record.key, announced.etag));
    for (const conflict of record.conflicts ?? []) {
      const name = nameOf(record.key, conflict.etag);
      if (!this.#conflicts.has(name)) this.#justly(record.key, conflict);
      this.#conflicts.add(name);
    }
  }

  /** O8: the policy says who loses, whichever side was looked at first. */
  #justly(key: string, { side, etag, ts, winner, at, unsure }: Conflict): void {
    if (unsure) return;
    const told = `${key}: ${side === 'from' ? 'east' : 'west'} lost ${etag ?? 'a delete'} of ${ts} to ${winner.etag ?? 'a delete'} of ${winner.ts}`;
    // A delete that nobody can date loses, and nothing else is without a time.
    if (winner.ts === undefined || (ts === undefined && etag !== undefined)) this.violate('O8', `${told}: nobody can date it`);
    if (winner.ts === undefined || ts === undefined) return;
    const { prefer } = this.#scenario;
    const east = side === 'from' ? ts : winner.ts;
    const west = side === 'from' ? winner.ts : ts;
    const unbelievable = Math.max(east, west) > at + MAX_SKEW_MS;
    const newest = !unbelievable && Math.floor(west / 1000) > Math.floor(east / 1000) ? 'west' : 'east';
    const first = prefer ?? newest;
    if ((first === 'east') === (side === 'from')) this.violate('O8', `${told}, and ${first} comes first`);
  }

  /** When all is quiet. */
  finish(queueSize: number, expected: ReadonlySet<string>): void {
    this.records.finish(queueSize, expected);
    for (const key of new Set([...this.history.writes.values()].map((write) => write.key))) {
      this.#settled(key);
      this.#bounded(key);
    }
    this.#equalAtFirst();
    for (const loss of this.#losses) this.#told(loss);
  }

  #settled(key: string): void {
    const [east, west] = [this.#buckets.east.current(key), this.#buckets.west.current(key)];
    if (textOf(east) !== textOf(west)) {
      if (this.#keptApart(key)) return;
      // A delete that no event told is no evidence where nothing is listed, or where nothing was known.
      const unproven = this.lostDeletes.has(key) && (!east || !west) && this.#unproven(key, east ? 'west' : 'east');
      if (!unproven) this.violate('O1', `${key}: east holds ${textOf(east)}, west ${textOf(west)}`);
      return;
    }
    this.#newestWon(key, east);
  }

  /** Where deletes stay where they are made, so does the other side. */
  #keptApart(key: string): boolean {
    const stays = (region: Region): boolean => this.history.writes.get(this.history.held(region, key))?.label === null;
    return !this.#scenario.deletes && REGIONS.some((region) => stays(region) && this.#buckets[region].current(key) === null);
  }

  /** O8: what both sides held alike before anyone looked is no conflict, and nothing is copied for it. */
  #equalAtFirst(): void {
    if (this.#scenario.filled !== 'equal' || this.history.ofKey('a').length > REGIONS.length) return;
    const told = this.#table.items.get('a')?.conflicts ?? [];
    if (told.length > 0 || this.#writesOf.has('a')) this.violate('O8', `a: equal on both sides at first, and ${told.length} conflicts were told`);
  }

  #unproven(key: string, gone: Region): boolean {
    const applied = this.#table.items.get(key)?.applied;
    return applied?.kind !== 'pair' || this.empty.has(gone) || this.#buckets[gone].keys().length === 0;
  }

  /** Where nothing goes wrong the last write wins, unless the other region wrote within the same second. */
  #newestWon(key: string, final: Version | null): void {
    if (!isCalm(this.#scenario) || this.#scenario.prefer) return;
    const writes = this.history.ofKey(key);
    const last = writes.at(-1);
    if (!last || last.label === null) return;
    const parent = this.history.writes.get(last.parent);
    // A change of tags alone has no time of its own until its event tells it.
    if (parent?.label === last.label && parent.meta === last.meta) return;
    if (this.#unseen.has(key)) return;
    if (this.#losses.some(({ write, region, at }) => write === last && this.history.looksUnchanged(region, key, last.stamp, at))) return;
    const told = this.toldDeletes.filter((each) => each.key === key);
    const tied = [...writes, ...told].some((write) => write.in !== last.in && Math.floor(write.at / 1000) >= Math.floor(last.at / 1000));
    if (!tied && (final?.label !== last.label || final.meta !== last.meta))
      this.violate('O8', `${key}: #${last.stamp} was the newest, and ${textOf(final)} won`);
  }

  /** Copies do not answer copies. */
  #bounded(key: string): void {
    const written = this.#writesOf.get(key) ?? 0;
    const users = this.history.ofKey(key).length;
    const most = isCalm(this.#scenario) ? users : 3 * users + 5;
    if (written > most) this.violate('O8', `${key}: ${users} writes of users caused ${written} of ours`);
  }

  /** A delete that no event told when a copy was announced again is seen by nobody; its event ends as superseded. */
  #wasTold(region: Region, stamp: number): boolean {
    const write = this.history.writes.get(stamp);
    if (write?.label !== null) return true;
    const side = region === 'east' ? undefined : 'to';
    const { deliveries = [] } = this.#knownThen.get(write.key) ?? {};
    return deliveries.some((each) => each.op === 'DELETE' && each.side === side && each.ts >= write.at + this.#buckets[region].skewMs);
  }

  #isIn(told: ReadonlySet<string>, stamp: number): boolean {
    const write = this.history.writes.get(stamp);
    if (!write) return false;
    const { key, label } = write;
    if (label === null) return told.has(nameOf(key, undefined));
    return REGIONS.some((region) => told.has(nameOf(key, this.#buckets[region].etagOf(label))));
  }

  /** O8: who replaced what it had not seen said so. */
  #told({ region, write, by, at }: Loss): void {
    const { history } = this;
    const { key, stamp, label } = write;
    if (history.sameContent(by, stamp) || this.#isIn(this.#conflicts, stamp)) return;
    if (REGIONS.some((each) => history.knew(history.held(each, key), stamp))) return;
    // To delete what nobody had copied yet leaves the key as it was known.
    if (label === null && (!write.ofRecorded || !this.#scenario.deletes)) return;
    const since = history.writes.get(by)?.at ?? 0;
    if (label === null && this.#emptied.get(key)?.some((at) => at >= write.at && at <= since)) return;
    if (history.knewSame(by, stamp)) return;
    if (history.looksUnchanged(region, key, stamp, at)) return;
    this.violate('O8', `${key}: #${stamp} (${label ?? 'a delete'}) was lost in ${region} to #${by}, and no conflict tells of it`);
  }
}

/** Less than the clocks of some schedules are off. */
export const MAX_SKEW_MS = 20_000;

function nameOf(key: string, etag: string | undefined): string {
  return `${key} ${etag ?? 'deleted'}`;
}

function textOf(version: Version | null): string {
  return version ? `${version.label} (${version.meta}, tags ${version.tags || 'none'})` : 'nothing';
}
