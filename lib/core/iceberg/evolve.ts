/** A table's next schema. Older files stay as they are: they are read by field id, so only what every reader can still understand is allowed. */
import { TidemarkError } from '../errors.ts';
import { LAST_ENVELOPE_ID } from './envelope.ts';
import { currentSchema, type TableVersion } from './metadata.ts';
import { decimalOf, type Field, type Primitive, type Schema } from './schema.ts';
import { nextVersion } from './snapshot.ts';

export type SchemaChange =
  | { readonly kind: 'add'; readonly name: string; readonly type: Primitive }
  | { readonly kind: 'widen'; readonly name: string; readonly type: Primitive }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string };

/** @throws TidemarkError INVALID_INPUT naming the column and why older files forbid the change */
export function evolved(base: TableVersion, changes: readonly SchemaChange[], now: number): TableVersion {
  const { metadata } = base;
  let { fields } = currentSchema(metadata);
  let last = metadata['last-column-id'];
  for (const change of changes) {
    if (change.kind === 'add') {
      demandFree(fields, change.name);
      // Rows that are there have none: a column that must be filled would make them unreadable.
      fields = [...fields, { id: ++last, name: change.name, required: false, type: change.type }];
      continue;
    }
    const field = fields.find(({ name }) => name === change.name);
    if (!field) throw refused(change.name, 'there is no such column');
    if (field.id <= LAST_ENVELOPE_ID) throw refused(change.name, 'it belongs to the envelope of every event, which readers know by its names');
    if (change.kind === 'rename') demandFree(fields, change.to);
    else demandWider(field, change.type);
    const next: Field = change.kind === 'rename' ? { ...field, name: change.to } : { ...field, type: change.type };
    fields = fields.map((one) => (one === field ? next : one));
  }
  const id = Math.max(...metadata.schemas.map((one) => one['schema-id'])) + 1;
  const schema: Schema = { type: 'struct', 'schema-id': id, fields };
  return nextVersion(base, now, { schemas: [...metadata.schemas, schema], 'current-schema-id': id, 'last-column-id': last });
}

function demandFree(fields: readonly Field[], wanted: string): void {
  // Engines that fold case would see two columns of one name.
  if (wanted === '') throw refused(wanted, 'a column needs a name');
  if (fields.some(({ name }) => name.toLowerCase() === wanted.toLowerCase())) throw refused(wanted, 'there is a column of this name');
}

function demandWider({ name, type }: Field, to: Primitive): void {
  const [old, wider] = [decimalOf(type), decimalOf(to)];
  if (type === 'int' && to === 'long') return;
  if (type === 'float' && to === 'double') return;
  if (old && wider && old.scale === wider.scale && wider.precision > old.precision && wider.precision <= 38) return;
  const shown = typeof type === 'string' ? type : 'list';
  throw refused(
    name,
    `${shown} can't become ${to}: int may become long, float double, and a decimal of the same scale one of more digits (38 at most)`,
  );
}

function refused(column: string, why: string): TidemarkError {
  return new TidemarkError(
    'INVALID_INPUT',
    `the column ${JSON.stringify(column)} can't be changed so: ${why}. Add a column of another name instead.`,
    {
      field: 'columns',
      column,
    },
  );
}
