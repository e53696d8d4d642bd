import type { DeleteLog } from '../ports/replication-state.ts';

export interface Resumed {
  readonly route: string;
  /** When its deletes had been paused, ms since the epoch; null: they were flowing. */
  readonly pausedAt: number | null;
}

/** Lets a route's deletes flow again after a person looked at the source (O10). Those that wait run at their next attempt. */
export async function resumeDeletes(deps: { readonly deletes: Pick<DeleteLog, 'read' | 'resume'> }, route: string, now: number): Promise<Resumed> {
  const { pausedAt } = await deps.deletes.read(route, now);
  await deps.deletes.resume(route, now);
  return { route, pausedAt };
}
