/** Holds what the store holds against the invariants, at every change of it. Reads tables with the format's own parts, and nothing of the protocol. */
import { decodeManifest, type ManifestEntry } from '../../../lib/core/iceberg/manifest.ts';
import { decodeManifestList } from '../../../lib/core/iceberg/manifest-list.ts';
import type { Snapshot, TableMetadata } from '../../../lib/core/iceberg/metadata.ts';
import { decodeJson } from './rows.ts';
import type { Held } from './store.ts';
import { LOCATION } from './store.ts';

export interface Violation {
  readonly invariant: string;
  readonly what: string;
}

const SEQUENCE = 6;
const ID = 1;

export class ArchiveMonitor {
  readonly violations: Violation[] = [];
  through = 0;
  #version = 0;
  #lastNumber = 0;
  #current: number | undefined;
  #needed = new Set<string>();

  changed(held: ReadonlyMap<string, Held>, name: string, before: Held | undefined): void {
    const version = Number(/^metadata\/v(\d+)\.metadata\.json$/.exec(name)?.[1] ?? 0);
    const now = held.get(name);
    if (now && version > 0) this.#committed(held, name, version, before, now);
    if (!now && this.#needed.has(name)) this.#violate('T3', `${name} was removed, and a snapshot names it`);
    if (!now && version > 0 && version > this.#version - 50)
      this.#violate('T1', `version ${version} was removed while ${this.#version} was the newest`);
  }

  #committed(held: ReadonlyMap<string, Held>, name: string, version: number, before: Held | undefined, now: Held): void {
    if (before) this.#violate('T1', `${name} was overwritten`);
    if (version !== this.#version + 1) this.#violate('T1', `version ${version} came after ${this.#version}`);
    if (this.violations.length > 0) return;
    const metadata: TableMetadata = JSON.parse(new TextDecoder().decode(now.bytes));
    const snapshot = metadata.snapshots.find((one) => one['snapshot-id'] === metadata['current-snapshot-id']);
    this.#version = version;
    if (snapshot && snapshot['snapshot-id'] !== this.#current) {
      if (snapshot['parent-snapshot-id'] !== this.#current)
        this.#violate('T2', `version ${version} was built on another snapshot than the one before it`);
      if (snapshot['sequence-number'] <= this.#lastNumber)
        this.#violate('T6', `sequence number ${snapshot['sequence-number']} came after ${this.#lastNumber}`);
      this.#lastNumber = snapshot['sequence-number'];
    } else if (!snapshot && this.#current !== undefined) this.#violate('T2', 'there is no snapshot any longer');
    this.#current = snapshot?.['snapshot-id'];
    this.#needed = new Set();
    for (const one of metadata.snapshots) this.#judge(held, one, one === snapshot);
  }

  #judge(held: ReadonlyMap<string, Held>, snapshot: Snapshot, isCurrent: boolean): void {
    const sequences: number[] = [];
    try {
      for (const manifest of decodeManifestList(this.#file(held, snapshot['manifest-list']))) {
        for (const entry of decodeManifest(this.#file(held, manifest.path))) {
          if (entry.status === 'deleted') continue;
          this.#judgeNumbers(entry, manifest.sequenceNumber, snapshot);
          sequences.push(...this.#rows(held, entry));
        }
      }
    } catch (error) {
      this.#violate('T3', `snapshot ${snapshot['snapshot-id']}: ${error instanceof Error ? error.message : error}`);
      return;
    }
    sequences.sort((a, b) => a - b);
    const from = sequences[0] ?? 0;
    const wrong = sequences.findIndex((one, at) => one !== from + at);
    if (wrong >= 0) this.#violate('T4', `sequence ${sequences[wrong]} stands where ${from + wrong} belongs`);
    const through = Number(snapshot.summary['tidemark.through-sequence']);
    if (through !== sequences.at(-1)) this.#violate('T5', `the cursor says ${through}, the rows end at ${sequences.at(-1)}`);
    if (!isCurrent) return;
    if (from !== 1 || through < this.through) this.#violate('T4', `rows ${from} to ${through} are there, and were up to ${this.through}`);
    this.through = through;
  }

  #judgeNumbers({ sequenceNumber, status, snapshot: by }: ManifestEntry, inherited: number, snapshot: Snapshot): void {
    const number = sequenceNumber ?? inherited;
    if (number > snapshot['sequence-number']) this.#violate('T6', `a file of snapshot ${snapshot['sequence-number']} has the number ${number}`);
    if (status === 'added' && by === snapshot['snapshot-id'] && number !== snapshot['sequence-number']) {
      this.#violate('T6', `a file that snapshot ${snapshot['sequence-number']} added has the number ${number}`);
    }
    if (status === 'existing' && sequenceNumber === null) this.#violate('T6', 'a file that was there before has no number of its own');
  }

  #rows(held: ReadonlyMap<string, Held>, { file }: ManifestEntry): number[] {
    return decodeJson(this.#file(held, file.path)).flatMap(({ byId }) =>
      (byId.get(SEQUENCE) ?? []).map((sequence, at) => {
        if (byId.get(ID)?.[at] !== `event-${sequence}`) this.#violate('T4', `sequence ${sequence} holds another event`);
        return Number(sequence);
      }),
    );
  }

  #file(held: ReadonlyMap<string, Held>, path: string): Uint8Array {
    const name = path.slice(LOCATION.length + 1);
    this.#needed.add(name);
    const found = held.get(name);
    if (!found) throw new Error(`${name} is named, and not there`);
    return found.bytes;
  }

  #violate(invariant: string, what: string): void {
    this.violations.push({ invariant, what });
  }

  /** Of a run that ended well. */
  acknowledged(through: number): void {
    if (through > this.through) this.#violate('T5', `a run said that the archive reaches to ${through}, and it reaches to ${this.through}`);
  }

  settled(events: number): void {
    if (this.through !== events) this.#violate('T7', `${events} events, of which the archive holds ${this.through} after all is calm`);
  }
}
