/** The chapters of the API's documentation, in their order. */
export const AREAS = {
  events: 'Changes of objects, and what became of each: told, listed, tried again.',
  backfill: 'Copying what was there before.',
  routes: 'Steering what a route does.',
  watch: 'Is it healthy, and how far behind.',
  about: 'This description.',
} as const satisfies Readonly<Record<string, string>>;

export type Area = keyof typeof AREAS;
