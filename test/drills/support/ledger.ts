/** What a client of the gateway asked for and was told: enough to say afterwards what was lost, and whether two regions were written at once. */

/** `acked`: 201. `refused`: nobody might write, and nothing was begun. `unknown`: any other end; it may be written, now or later. */
export type WriteEnd = 'acked' | 'refused' | 'unknown';

/** Times are those of the one clock of the client, ms. */
export interface Write {
  readonly key: string;
  /** Greater with every attempt on the key; only one attempt on a key runs at a time. */
  readonly version: number;
  readonly begun: number;
  readonly ended: number;
  readonly end: WriteEnd;
  /** Of the gateway that was asked. */
  readonly through: string;
  /** As the gateway told them, where it acknowledged. */
  readonly region?: string;
  readonly epoch?: number;
}

/** `behind`: it failed, or found nothing, and the region that holds its only copy was out of reach. */
export type ReadEnd = 'fresh' | 'stale' | 'torn' | 'behind' | 'unanswered';

export interface Read {
  readonly end: ReadEnd;
  readonly retried: boolean;
  readonly ms: number;
}

export interface Verdict {
  /** Acknowledged, and neither there nor overwritten by anything that was asked for later, or might have been. */
  readonly lost: readonly string[];
  /** Where an attempt that was never acknowledged landed after a later one that was: its client never learnt what came of it. */
  readonly late: readonly string[];
  /** A refused write that is there nevertheless. */
  readonly ghosts: readonly string[];
  /** Begun after a later epoch had acknowledged a write, and acknowledged in an earlier one; or two regions in one epoch. */
  readonly split: readonly string[];
}

export class Ledger {
  readonly writes: Write[] = [];
  readonly reads: Read[] = [];
  readonly #acked = new Map<string, number>();

  write(write: Write): void {
    this.writes.push(write);
    if (write.end === 'acked') this.#acked.set(write.key, write.version);
  }

  /** The version that was acknowledged last; undefined: none was. */
  acked(key: string): number | undefined {
    return this.#acked.get(key);
  }

  get keys(): readonly string[] {
    return [...this.#acked.keys()];
  }

  /** The first write that was acknowledged in this epoch or a later one. */
  firstOf(epoch: number): Write | undefined {
    return this.writes.find((write) => write.end === 'acked' && (write.epoch ?? 0) >= epoch);
  }

  /** @param final the version of each key, as it is once all is quiet */
  judge(final: ReadonlyMap<string, number>): Verdict {
    const lost: string[] = [];
    const late: string[] = [];
    const ghosts: string[] = [];
    for (const [key, attempts] of Map.groupBy(this.writes, ({ key }) => key)) {
      const acked = this.acked(key);
      const version = final.get(key);
      const there = attempts.find((attempt) => attempt.version === version);
      if (there?.end === 'refused') ghosts.push(`${key} holds ${there.version}, which was refused`);
      if (acked === undefined || version === acked) continue;
      if (there?.end !== 'unknown') lost.push(`${key}: ${acked} was acknowledged, and ${version ?? 'nothing'} is there`);
      else if (there.version < acked) late.push(`${key}: ${acked} was acknowledged, and ${there.version} landed after it`);
    }
    return { lost, late, ghosts, split: this.#split() };
  }

  #split(): readonly string[] {
    const acked = this.writes.filter(({ end }) => end === 'acked');
    const epochs = Map.groupBy(acked, ({ epoch = 0 }) => epoch);
    const found: string[] = [];
    for (const [epoch, writes] of epochs) {
      const regions = new Set(writes.map(({ region }) => region));
      if (regions.size > 1) found.push(`epoch ${epoch} was written at ${[...regions].join(' and ')}`);
      const later = acked.filter((write) => (write.epoch ?? 0) > epoch).map(({ ended }) => ended);
      const superseded = Math.min(...later);
      for (const { key, version, begun } of writes) {
        if (begun > superseded) found.push(`${key} ${version} was written in epoch ${epoch} after a later one had begun`);
      }
    }
    return found;
  }
}
