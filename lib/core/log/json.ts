/** Only what JSON can say, so that what is read is what was written. */
import type { Json } from './event.ts';
import { invalid } from './invalid.ts';

const MAX_DEPTH = 100;

/**
 * Members that are `undefined` count as absent, as JSON.stringify has it; whatever else JSON would change or drop is refused.
 * @param field the path of the value, for messages: `after`
 * @throws TidemarkError INVALID_INPUT that names the path of the first value that JSON cannot say
 */
export function checkedJson(value: unknown, field: string): Json {
  walk(value, field, []);
  return value as Json;
}

function walk(value: unknown, path: string, above: readonly object[]): void {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return;
    case 'number':
      if (!Number.isFinite(value)) throw invalid(path, `${value} is no number that JSON knows; give null or a text`);
      return;
    case 'object':
      if (value !== null) walkInto(value, path, above);
      return;
    case 'bigint':
      throw invalid(path, 'a BigInt has no place in JSON; give a text');
    case 'undefined':
      throw invalid(path, 'undefined has no place in JSON; give null');
    default:
      throw invalid(path, `a ${typeof value} has no place in JSON; leave it out`);
  }
}

function walkInto(value: object, path: string, above: readonly object[]): void {
  if (above.includes(value)) throw invalid(path, 'the value holds itself: JSON has no circles');
  if (above.length >= MAX_DEPTH) throw invalid(path, `nested more than ${MAX_DEPTH} levels deep`);
  const inside = [...above, value];
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) walk(value[index], `${path}/${index}`, inside);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw invalid(path, notPlain(value));
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') throw invalid(`${path}/__proto__`, 'a member of this name changes what an object is; rename it');
    if (member !== undefined) walk(member, `${path}/${pointerPart(name)}`, inside);
  }
}

function notPlain(value: object): string {
  if (value instanceof Date) return 'a Date has no place in JSON; give its toISOString() or getTime()';
  return `a ${value.constructor?.name ?? 'value'} is no plain object; give one with its values`;
}

/** A name as a part of a JSON pointer (RFC 6901). */
export function pointerPart(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;
}
