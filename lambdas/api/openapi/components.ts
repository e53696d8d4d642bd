/** Schemas of the document, made of the ones that check: each that has an id stands once, among the components. */
import * as z from 'zod';
import { DOCUMENTED_AS } from '../fields.ts';
import type { Content, JsonSchema } from './openapi.ts';

const PLACE = '#/components/schemas/';

export class Components {
  readonly #schemas = new Map<string, JsonSchema>();

  /** @returns the named schemas that were met so far, by name */
  get schemas(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /**
   * @param io `input`: what a caller sends; `output`: what is answered
   * @returns the schema, which refers to the components
   * @throws TypeError for two schemas of one name
   */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const { $schema: _draft, $defs = {}, ...made } = z.toJSONSchema(schema, { io, override: (context) => this.#override(context, io) });
    for (const [name, definition] of Object.entries($defs)) this.#add(name, placed(definition));
    return placed(made);
  }

  /** A body of JSON, with the first of the schema's examples. */
  json(schema: z.ZodType, io: 'input' | 'output'): Content {
    const examples = schema.meta()?.examples;
    const example: unknown = Array.isArray(examples) ? examples[0] : undefined;
    return { 'application/json': { schema: this.of(schema, io), ...(example === undefined ? {} : { example }) } };
  }

  #add(name: string, schema: JsonSchema): void {
    const known = this.#schemas.get(name);
    if (known && JSON.stringify(known) !== JSON.stringify(schema)) throw new TypeError(`two schemas are called ${name}: give one another id`);
    this.#schemas.set(name, schema);
  }

  #override({ zodSchema, jsonSchema }: { readonly zodSchema: object; readonly jsonSchema: JsonSchema }, io: 'input' | 'output'): void {
    // What every number of JavaScript keeps says nothing.
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    const as = DOCUMENTED_AS.get(zodSchema);
    if (as) Object.assign(jsonSchema, this.of(as, io));
  }
}

/** With every reference led to where the components stand. */
function placed(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (name, value: unknown) =>
    name === '$ref' && typeof value === 'string' ? value.replace(/^#\/\$defs\//, PLACE) : value,
  );
}
