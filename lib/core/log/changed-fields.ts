import type { Json } from './event.ts';
import { pointerPart } from './json.ts';

type JsonObject = { readonly [name: string]: Json };

/**
 * Where two values differ, as deep as it goes: JSON pointers (RFC 6901), sorted by code units. A member that came or went is named itself,
 * not what is in it. Arrays of one length are compared place by place; one that grew or shrank is named as a whole. Two values that are no
 * objects differ at '', the root.
 */
export function changedFields(before: Json, after: Json): readonly string[] {
  const found: string[] = [];
  compare(before, after, '', found);
  return found.sort();
}

function compare(before: Json, after: Json, path: string, found: string[]): void {
  if (before === after) return;
  if (isArray(before) && isArray(after) && before.length === after.length) {
    for (const [index, value] of before.entries()) compare(value, after[index] ?? null, `${path}/${index}`, found);
  } else if (isObject(before) && isObject(after)) compareMembers(before, after, path, found);
  else found.push(path);
}

function compareMembers(before: JsonObject, after: JsonObject, path: string, found: string[]): void {
  for (const [name, value] of Object.entries(before)) {
    const now = Object.hasOwn(after, name) ? after[name] : undefined;
    const at = `${path}/${pointerPart(name)}`;
    if (value !== undefined && now !== undefined) compare(value, now, at, found);
    else if (value !== now) found.push(at);
  }
  for (const [name, value] of Object.entries(after)) {
    if (value !== undefined && !Object.hasOwn(before, name)) found.push(`${path}/${pointerPart(name)}`);
  }
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
