/** What may stand in an entry beside its names: JSON, a few facts, no secrets. An entry can never be changed again. */

const MAX_TEXT = 300;
const MAX_MEMBERS = 20;
const MAX_DEPTH = 3;
/** Of all details together, characters of JSON. */
const MAX_SIZE = 4_000;

const SECRET = /token|secret|passw|authorization|credential|signature|cookie|api[-_]?key|private/i;
/** What authenticates in an address: of a presigned request, or by a user and a password. */
const IN_ADDRESS = /([?&](?:x-amz-(?:signature|credential|security-token)|signature|sig|token)=)[^&\s"]+|(\/\/)[^/\s@"]+@/gi;
const HIDDEN = '(not kept)';

/** Cut to so many characters, and well-formed: nothing else has a canonical form. */
export function shortened(text: string, most: number): string {
  const whole = text.toWellFormed();
  return whole.length <= most ? whole : `${whole.slice(0, most - 1).toWellFormed()}…`;
}

/** @returns what is kept of them; `cut: true` tells that there was more */
export function boundedDetails(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const kept: Record<string, unknown> = {};
  let room = MAX_SIZE;
  for (const [name, value] of membersOf(details)) {
    const bounded = boundedValue(name, value, 1);
    room -= JSON.stringify([name, bounded]).length;
    if (room < 0) return { ...kept, cut: true };
    kept[name] = bounded;
  }
  return kept;
}

function membersOf(object: object): readonly (readonly [string, unknown])[] {
  const members = Object.entries(object).filter(([, value]) => value !== undefined);
  const first = members.slice(0, MAX_MEMBERS).map(([name, value]) => [nameOf(name), value] as const);
  return first.length < members.length ? [...first, ['cut', true]] : first;
}

/** A plain object would take it for its prototype. */
function nameOf(name: string): string {
  return name === '__proto__' ? '(proto)' : shortened(name, 100);
}

function boundedValue(name: string, value: unknown, depth: number): unknown {
  if (SECRET.test(name) && typeof value !== 'boolean') return HIDDEN;
  switch (typeof value) {
    case 'string':
      return shortened(
        value.replace(IN_ADDRESS, (_all, query?: string, user?: string) => (query ?? user) + HIDDEN + (user ? '@' : '')),
        MAX_TEXT,
      );
    case 'number':
      // JSON tells no negative zero.
      return Number.isFinite(value) ? value + 0 : String(value);
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return null;
      if (depth >= MAX_DEPTH) return Array.isArray(value) ? `(${value.length} entries)` : '(more)';
      if (Array.isArray(value)) return boundedList(name, value, depth);
      return Object.fromEntries(membersOf(value).map(([member, each]) => [member, boundedValue(member, each, depth + 1)]));
    default:
      return shortened(String(value), MAX_TEXT);
  }
}

function boundedList(name: string, list: readonly unknown[], depth: number): readonly unknown[] {
  const first = list.slice(0, MAX_MEMBERS).map((each) => boundedValue(name, each, depth + 1));
  return first.length < list.length ? [...first, `(and ${list.length - first.length} more)`] : first;
}
