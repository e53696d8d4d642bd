/** The chapters of the API's documentation, in their order. */
export const AREAS = {
  objects: 'One address for the objects of both regions.',
  failover: 'Which region is written, and changing it.',
  events: 'Changes of objects, and what became of each: told, listed, tried again.',
  backfill: 'Copying what was there before.',
  routes: 'Steering what a route does.',
  verify: 'Are both sides equal, and making them so.',
  conflicts: 'What was written on both sides of a bidirectional route.',
  audit: 'Who did what, in a chain that cannot be quietly rewritten.',
  watch: 'Is it healthy, and how far behind.',
  about: 'This description.',
} as const satisfies Readonly<Record<string, string>>;

export type Area = keyof typeof AREAS;
