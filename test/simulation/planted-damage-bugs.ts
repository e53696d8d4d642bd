/** Defects of a deep repair. */
import { bug, type PlantedBug } from './planted-bug.ts';

const PLAN = 'lib/core/objects/plan.ts';

export const DAMAGE_BUGS: readonly PlantedBug[] = [
  bug('what was read and found damaged is taken for applied by its etag', ['O4'], 1, PLAN, ' && !isDamaged(record, source)', ''),
  bug(
    'a repair that was done is done again with every look',
    ['O5', 'O9'],
    1,
    PLAN,
    "delivery.origin === 'repair' && delivery.etag === source.etag && isOpen(delivery)",
    "delivery.origin === 'repair' && delivery.etag === source.etag",
  ),
];
