import type { JsonSchema } from './openapi.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

export function code(text: string): string {
  return `<code>${escaped(text)}</code>`;
}

/** Text in which what stands between backticks is code. */
export function prose(text: string): string {
  return escaped(text).replace(/`([^`]*)`/g, '<code>$1</code>');
}

/** What a schema takes, in a few words: `list of Event`, `text or null`, `"missing" or "all"`. */
export function typeOf(schema: JsonSchema | boolean): string {
  if (typeof schema === 'boolean') return 'anything';
  const { $ref, enum: values, anyOf, const: only, type, items, properties, additionalProperties } = schema;
  if ($ref !== undefined) {
    const name = escaped($ref.replace('#/components/schemas/', ''));
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (only !== undefined) return code(JSON.stringify(only));
  if (values) return values.map((value) => code(JSON.stringify(value))).join(' or ');
  if (anyOf) return anyOf.map((each) => typeOf(each)).join(' or ');
  if (type === 'array') return `list of ${typeOf(Array.isArray(items) ? true : (items ?? true))}`;
  if (properties) {
    const fields = Object.entries(properties).map(([name, each]) => `${escaped(name)}: ${typeOf(each)}`);
    return `{ ${fields.join(', ')} }`;
  }
  if (type === 'object' && typeof additionalProperties === 'object') return `an object of ${typeOf(additionalProperties)}`;
  const names: readonly unknown[] = Array.isArray(type) ? type : [type ?? 'anything'];
  return `${escaped(names.join(' or '))}${bounds(schema)}`;
}

function bounds({ minimum, maximum, minLength, maxLength }: JsonSchema): string {
  if (maxLength !== undefined) return ` of ${minLength ?? 0} to ${maxLength} characters`;
  if (minLength !== undefined) return ` of at least ${minLength} characters`;
  if (maximum !== undefined) return ` from ${minimum ?? 0} to ${maximum}`;
  return minimum === undefined || minimum === 0 ? '' : ` from ${minimum}`;
}
