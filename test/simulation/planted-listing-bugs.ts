/** Defects of looks that take a listing for their observation, and of copies that go without a lease. */
import { both, bug, type PlantedBug } from './planted-bug.ts';

const PLAN = 'lib/core/objects/plan.ts';
const LISTED = 'lib/core/objects/listed.ts';
const LOOK = 'lib/usecases/key-look.ts';
const SERVER_SIDE = 'test/simulation/model/server-side.ts';

export const LISTING_BUGS: readonly PlantedBug[] = [
  bug(
    'no look after a copy without a lease and without an answer',
    ['O1'],
    1,
    LOOK,
    'if ((this.lease || this.#sent) && error.outcomeUnknown)',
    'if (this.lease && error.outcomeUnknown)',
  ),

  bug(
    'a copy over what was applied goes without a lease, whatever the store heeds',
    ['O2', 'O3'],
    1,
    PLAN,
    'return link.conditionalCopy || isFirst;',
    'return true;',
  ),

  bug('a listing is believed though a record exists', ['O1', 'O5'], 1, LISTED, 'if (record.version > 0 || !oneRequest', 'if (!oneRequest'),
  both(
    bug(
      'what a listing told is copied whatever it is now',
      ['O1', 'O2', 'O3', 'O4', 'O5'],
      8000,
      SERVER_SIDE,
      'if (!version || this.#source.etagOf(version.label) !== request.sight.etag)',
      'if (!version || (!request.sight.listed && this.#source.etagOf(version.label) !== request.sight.etag))',
    ),
    bug('', [], 0, 'lib/usecases/prove.ts', 'if (written.etag === listed.etag) return listed;', 'if (written.etag) return listed;'),
  ),
  bug(
    'what a listing told is no longer so, and nobody looks again',
    ['O1', 'O7'],
    2000,
    'lib/usecases/replay-key.ts',
    'conflict = error;',
    'conflict = error; if (look.job.listed) return look.settled();',
  ),
  bug(
    'the event of what a listing brought copies it once more',
    ['O5'],
    1,
    PLAN,
    'return isApplied(source, applied) || (applied.print === UNKNOWN_PRINT && sameSource(source, applied));',
    'return isApplied(source, applied);',
  ),
  bug(
    'a removal goes without a lease',
    ['O1', 'O10'],
    14500,
    PLAN,
    "return { do: 'act', act: 'remove', way: 'leased',",
    "return { do: 'act', act: 'remove', way: 'optimistic',",
  ),
];
