/** Work that the pause of its route holds back, as text. */
import type { BackfillView, VerifyView } from '../api-types.ts';
import { time } from '../text/units.ts';

type Work = BackfillView | VerifyView;
type Held = Partial<Pick<Work, 'route' | 'paused'>>;

/** @returns what it waits for, and how to let it go on; null where nothing holds it */
export function waitsText({ route, paused }: Held): string | null {
  return paused == null ? null : `waits: route ${route} has been paused since ${time(paused)}; to let it go on: tidemark routes resume ${route}`;
}

/** Its status, in a word. */
export function statusWord(held: Pick<Work, 'route' | 'paused' | 'status'>): string {
  return waitsText(held) === null ? held.status : 'waits';
}

/** Of a list: a line for each route that holds some of it back. */
export function waitsLines(list: readonly Held[]): readonly string[] {
  return [...new Set(list.flatMap((each) => waitsText(each) ?? []))];
}
