/** A defect that the simulator must find: a small change of the text of the protocol or of a modelled store. */

export interface Edit {
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface PlantedBug {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The invariants that it breaks; a schedule names the first it meets. */
  readonly breaks: readonly string[];
  /** Where a window of schedules begins in which it shows. */
  readonly seed: number;
  /** In schedules of bidirectional routes; else in those of one-way ones. */
  readonly bidirectional?: true;
  /** In schedules of the gateway. */
  readonly gateway?: true;
  /** In schedules of the log. */
  readonly log?: true;
  /** In schedules of the archive. */
  readonly archive?: true;
}

/** Of every bug: it shows within so many schedules from its seed. */
export const WINDOW = 2000;

/** How the simulator is called to find it. */
export function argsFor({ bidirectional, gateway, log, archive }: PlantedBug, schedules: number, seed: number): string[] {
  const named = log ? ['--log'] : archive ? ['--archive'] : gateway ? ['--gateway'] : null;
  const mode = named ?? (bidirectional ? ['--bidirectional'] : []);
  return ['--schedules', String(schedules), '--seed', String(seed), '--quiet', ...mode];
}

export function bug(name: string, breaks: readonly string[], seed: number, file: string, find: string, replace: string): PlantedBug {
  return { name, edits: [{ file, find, replace }], breaks, seed };
}

/** Two lines of defence have to go before it shows. */
export function both(first: PlantedBug, second: PlantedBug): PlantedBug {
  return { ...first, edits: [...first.edits, ...second.edits] };
}
