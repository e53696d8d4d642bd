/** Defects of the log: how streams grow, how they are read, and how far their readers have come. */
import { bug, type PlantedBug } from './planted-bug.ts';

const APPEND = 'lib/core/log/append.ts';
const APPENDER = 'lib/usecases/log/appender.ts';
const LOOK = 'lib/usecases/log/look.ts';
const READING = 'lib/core/log/reading.ts';
const POSITION = 'lib/usecases/log/position.ts';
const RETENTION = 'lib/core/log/retention.ts';
const STORE = 'test/simulation/log/store.ts';

const BUGS: readonly PlantedBug[] = [
  // ── places ──
  bug(
    'a chunk is put without a condition',
    ['L2'],
    3,
    STORE,
    'const isFree = chunks.every(({ first }) => first !== chunk.first);',
    'const isFree = true;',
  ),
  bug(
    'the end is guessed after a refusal',
    ['L1', 'L2', 'L3', 'L5'],
    5,
    APPEND,
    "state.is === 'putting' ? { is: 'behind', tail: state.tail, chunk: null } : state;",
    "state.is === 'putting' ? { is: 'ready', tail: { ...state.tail, next: endOf(state.chunk) } } : state;",
  ),
  bug(
    'what is known of the end never gets too old',
    ['L2'],
    335,
    APPEND,
    'if (atMost(state.tail.seen, now) <= TAIL_GOOD_MS) return state;',
    'return state;',
  ),
  bug('the newest chunk is removed', ['L2'], 8, RETENTION, ' || first >= newest', ''),
  bug(
    'chunks are removed as soon as an append may be late',
    ['L2'],
    7,
    'lib/core/log/rules.ts',
    'KEEP_AT_LEAST_MS = 3_600_000',
    'KEEP_AT_LEAST_MS = 300_000',
  ),
  bug('the time of a chunk is what its appender believes', ['L7'], 7, APPEND, 'Math.max(at, now)', 'now'),

  // ── once ──
  bug(
    'a retry goes under a new batch id',
    ['L3', 'L4'],
    11,
    APPEND,
    'Math.max(at, now), batch.id, fresh)',
    'Math.max(at, now), batch.id + now, fresh)',
  ),
  bug(
    'a retry is stamped anew',
    ['L4'],
    3,
    APPEND,
    'chunk: state.chunk };\n    case',
    'chunk: { ...state.chunk, at: Math.max(now, state.chunk.at) } };\n    case',
  ),
  bug(
    'what others appended meanwhile is not remembered',
    ['L3', 'L4'],
    1,
    APPEND,
    'for (const { id, sequence } of eventsIn(chunk)) tail.recent.add(id, sequence);\n  return',
    'return',
  ),
  bug('an appender begins with an empty memory', ['L3'], 10, LOOK, 'from < newest.first; from', 'false; from'),
  bug('the memory is one event too short', ['L3'], 17, LOOK, 'Math.max(1, end - window)', 'Math.max(1, end - window + 1)'),

  // ── answers ──
  bug('an append that is given up is still under way', ['L2', 'L4', 'L5'], 132, APPENDER, "lane.state = { is: 'looking' };\n    const", 'const'),
  bug('two batches of a stream are under way at once', ['L1', 'L2', 'L4', 'L5', 'L6'], 7, APPENDER, 'if (!lane.running) void', 'void'),

  // ── reading ──
  bug('a batch that the filter empties is not told', ['L9'], 2291, READING, 'if (cursor) yield', 'if (cursor && events.length > 0) yield'),
  bug(
    'what was removed is skipped',
    ['L9'],
    6866,
    READING,
    'if (chunk.first > this.#next) throw expired(this.#stream, this.#next, chunk.first);',
    '',
  ),
  bug('what was removed is not missed by who asks for a time', ['L11'], 21, POSITION, 'found === oldest.first && oldest.first > 1', 'false'),

  // ── checkpoints ──
  bug('a checkpoint goes back', ['L10'], 50, 'lib/core/log/checkpoint.ts', 'cursor.sequence < known.cursor.sequence && !force', 'false'),
];

export const LOG_BUGS: readonly PlantedBug[] = BUGS.map((planted) => ({ ...planted, log: true }));
