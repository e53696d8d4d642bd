/** Avro's container file: a header that holds the schema and what Iceberg adds, then blocks of records. */
import { AvroReader, type AvroSchema, type AvroValue, AvroWriter, decodeAvro, encodeAvro, isRecord } from './avro.ts';

const MAGIC = Uint8Array.of(0x4f, 0x62, 0x6a, 1);
const SYNC_BYTES = 16;
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();
const HEADER: AvroSchema = { type: 'map', values: 'bytes' };

export interface AvroFile {
  readonly header: ReadonlyMap<string, string>;
  readonly records: readonly { readonly [name: string]: AvroValue }[];
}

/** @param header what stands beside the schema @param sync sixteen bytes that appear nowhere else but by chance */
export function writeAvroFile(
  schema: AvroSchema,
  records: readonly AvroValue[],
  { header, sync }: { readonly header: Readonly<Record<string, string>>; readonly sync: Uint8Array },
): Uint8Array {
  const writer = new AvroWriter();
  const entries = Object.entries({ 'avro.schema': JSON.stringify(schema), 'avro.codec': 'null', ...header });
  writer.raw(MAGIC);
  encodeAvro(HEADER, Object.fromEntries(entries.map(([key, value]) => [key, utf8.encode(value)])), writer);
  writer.raw(sync);
  if (records.length > 0) {
    const block = new AvroWriter();
    for (const record of records) encodeAvro(schema, record, block);
    const bytes = block.bytes();
    writer.long(records.length);
    writer.long(bytes.length);
    writer.raw(bytes);
    writer.raw(sync);
  }
  return writer.bytes();
}

/**
 * By the schema that the file itself holds.
 * @throws Error where it is no such file, is cut short, or is compressed: the archive writes none that is
 */
export function readAvroFile(bytes: Uint8Array): AvroFile {
  const reader = new AvroReader(bytes);
  if (!reader.raw(MAGIC.length).every((byte, at) => byte === MAGIC[at])) throw new Error('it does not begin as an Avro file');
  const found = decodeAvro(HEADER, reader);
  const header = new Map(
    Object.entries(isRecord(found) ? found : {}).map(([key, value]) => [key, value instanceof Uint8Array ? fromUtf8.decode(value) : '']),
  );
  const codec = header.get('avro.codec') ?? 'null';
  if (codec !== 'null') throw new Error(`it is compressed with ${codec}`);
  const schema: AvroSchema = JSON.parse(header.get('avro.schema') ?? 'null');
  const sync = reader.raw(SYNC_BYTES);
  const records: { readonly [name: string]: AvroValue }[] = [];
  while (!reader.ended) {
    const count = reader.long();
    reader.long();
    for (let left = count; left > 0; left--) {
      const record = decodeAvro(schema, reader);
      if (!isRecord(record)) throw new Error('it holds what is no record');
      records.push(record);
    }
    if (!reader.raw(SYNC_BYTES).every((byte, at) => byte === sync[at])) throw new Error('a block does not end where it says');
  }
  return { header, records };
}
