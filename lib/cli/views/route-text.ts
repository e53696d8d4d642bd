import { some } from '../text/units.ts';

export interface Resumed {
  readonly route: string;
  readonly deletesPaused: number | null;
  readonly released: number;
  /** There are more: ask again with it. */
  readonly cursor?: string;
}

/** What a resumption came to, as a sentence or two. */
export function resumedText({ route, deletesPaused, released }: Resumed): string {
  const runs = `Route ${route} runs${released === 0 ? '' : `: ${some(released, 'key')} that something was told of meanwhile ${released === 1 ? 'is' : 'are'} looked at`}.`;
  return deletesPaused === null ? runs : `${runs} Its deletes are still stopped. If they are meant: tidemark routes resume ${route} --accept-deletes`;
}
