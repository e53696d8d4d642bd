/** Defects of a paused route. */
import { bug, type PlantedBug } from './planted-bug.ts';

const HOLD = 'lib/usecases/hold-back.ts';
const TRANSITIONS = 'lib/core/objects/transitions.ts';

export const PAUSE_BUGS: readonly PlantedBug[] = [
  bug('a paused route goes on', ['O11'], 1, HOLD, 'if (!(await pauses.recent()).has(route.name)) return null;', 'if (changes) return null;'),
  bug(
    'a held event is acknowledged and written nowhere',
    ['O1', 'O7'],
    1,
    HOLD,
    "if (held && !(await state.put(held, record.version))) return 'again';",
    '',
  ),
  bug(
    'a held event is believed to be written though its compare-and-swap failed',
    ['O1', 'O7'],
    1,
    HOLD,
    "if (held && !(await state.put(held, record.version))) return 'again';",
    'if (held) await state.put(held, record.version);',
  ),
  bug(
    'a resumption forgets what is held',
    ['O7'],
    1,
    'lib/usecases/steer-route.ts',
    'const held = page.filter((ref) => ref.route === route);',
    'const held = page.slice(1);',
  ),
  bug(
    'a resumption looks for what is held before the route flows',
    ['O7'],
    1,
    'lib/usecases/steer-route.ts',
    'const isHeld = await pauses.resume(route);\n  const released = isHeld || after ? await release(deps, route, after, deadline) : NOTHING;',
    'const released = await release(deps, route, after, deadline);\n  await pauses.resume(route);',
  ),
  bug(
    'a resumption that died is followed by one which believes that all was done',
    ['O7'],
    1,
    'lib/usecases/steer-route.ts',
    '  const isHeld = await pauses.resume(route);',
    '  const isHeld = await pauses.resume(route);\n  await pauses.released(route);',
  ),
  bug(
    'what is held while the route is resumed waits for a sweep',
    ['O7'],
    13000,
    HOLD,
    "if ((await pauses.read()).has(route.name)) return { kind: 'deferred' };\n  return held ? 'again' : null;",
    "return { kind: 'deferred' };",
  ),
  bug(
    'a held look leaves nothing behind',
    ['O1'],
    1,
    TRANSITIONS,
    'const noted = deliveries.some(({ status }) => !FINAL[status]) ? deliveries : noteChanges(deliveries, route, [look], now);',
    'const noted = look ? deliveries : noteChanges(deliveries, route, [look], now);',
  ),
  bug(
    'what a dead worker left under way is held by its message alone',
    ['O1', 'O7'],
    8000,
    TRANSITIONS,
    "const underWay = noted.some(({ status }) => status === 'in_progress');",
    'const underWay = false;',
  ),
];
