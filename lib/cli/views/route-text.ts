import { count } from '../text/units.ts';

export interface Resumed {
  readonly route: string;
  readonly deletesPaused?: number | null;
  readonly released?: number;
  readonly partial?: boolean;
}

/** What a resumption came to, as a sentence or two. */
export function resumedText({ route, deletesPaused, released = 0, partial = false }: Resumed): string {
  const runs = `Route ${route} runs`;
  const rest = `, and more wait: resume it again in a minute, or leave them to the sweep, 1,000 a minute`;
  const looked = released === 0 ? '.' : `: ${count(released)} keys that waited are looked at${partial ? rest : ''}.`;
  if (deletesPaused == null) return runs + looked;
  return `${runs}${looked} Its deletes are still stopped. If they are meant: tidemark routes resume ${route} --accept-deletes`;
}
