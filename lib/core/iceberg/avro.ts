/** Avro's binary encoding, as much of it as Iceberg's manifests need: values are written and read by a schema. */

export type AvroSchema = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string' | AvroComplex | readonly AvroSchema[];

export type AvroComplex =
  | { readonly type: 'record'; readonly name: string; readonly fields: readonly AvroField[] }
  | { readonly type: 'array'; readonly items: AvroSchema; readonly 'element-id'?: number; readonly logicalType?: string }
  | { readonly type: 'map'; readonly values: AvroSchema }
  | { readonly type: 'fixed'; readonly name: string; readonly size: number }
  | { readonly type: 'int' | 'long' | 'bytes' | 'string'; readonly logicalType?: string };

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  /** Iceberg knows columns by it, and readers refuse a manifest without. */
  readonly 'field-id'?: number;
  readonly default?: null;
}

export type AvroValue = null | boolean | number | string | Uint8Array | readonly AvroValue[] | { readonly [name: string]: AvroValue };

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Collects bytes. */
export class AvroWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** A copy of what was written. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Zigzag, then seven bits a byte. Beyond 32 bits shifts would lose what a double still holds, hence the arithmetic. */
  long(value: number): void {
    if (!Number.isSafeInteger(value)) throw new Error(`${value} is no whole number below 2^53`);
    let left = value < 0 ? BigInt(value) * -2n - 1n : BigInt(value) * 2n;
    this.#room(10);
    for (; left >= 0x80n; left >>= 7n) this.#bytes[this.#length++] = Number(left & 0x7fn) | 0x80;
    this.#bytes[this.#length++] = Number(left);
  }

  #room(wanted: number): void {
    if (this.#length + wanted <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + wanted));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads bytes from the front; an end before its time is an error that says so. */
export class AvroReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  raw(length: number): Uint8Array {
    if (length < 0 || this.#at + length > this.#bytes.length) throw new Error(`the file ends within a value at byte ${this.#at}`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  long(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.raw(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return safe((value >> 1n) ^ -(value & 1n));
    }
    throw new Error(`no number ends at byte ${this.#at}`);
  }
}

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error(`${value} is not below 2^53: another engine wrote this file`);
  return number;
}

/** @throws Error naming what does not fit the schema */
export function encodeAvro(schema: AvroSchema, value: AvroValue | undefined, writer: AvroWriter): void {
  if (isUnion(schema)) {
    const branch = value === null || value === undefined ? schema.indexOf('null') : schema.findIndex((one) => one !== 'null');
    const chosen = schema[branch];
    if (chosen === undefined) throw new Error('no branch of the union takes the value');
    writer.long(branch);
    encodeAvro(chosen, value, writer);
    return;
  }
  const kind = typeof schema === 'string' ? schema : schema.type;
  if (kind === 'null') return;
  if (kind === 'boolean' && typeof value === 'boolean') writer.raw(Uint8Array.of(value ? 1 : 0));
  else if ((kind === 'int' || kind === 'long') && typeof value === 'number') writer.long(value);
  else if (kind === 'string' && typeof value === 'string') sized(utf8.encode(value), writer);
  else if (kind === 'bytes' && value instanceof Uint8Array) sized(value, writer);
  else if (typeof schema === 'object' && schema.type === 'fixed' && value instanceof Uint8Array) writer.raw(value);
  else if (typeof schema === 'object' && schema.type === 'record' && isRecord(value)) {
    for (const { name, type } of schema.fields) encodeAvro(type, value[name], writer);
  } else if (typeof schema === 'object' && schema.type === 'array' && Array.isArray(value)) {
    blocks(value, writer, (one) => encodeAvro(schema.items, one, writer));
  } else if (typeof schema === 'object' && schema.type === 'map' && isRecord(value)) {
    blocks(Object.entries(value), writer, ([key, one]) => {
      sized(utf8.encode(key), writer);
      encodeAvro(schema.values, one, writer);
    });
  } else throw new Error(`${JSON.stringify(value) ?? 'nothing'} is no ${kind}`);
}

/** @throws Error where the bytes are cut short or hold what Iceberg never writes */
export function decodeAvro(schema: AvroSchema, reader: AvroReader): AvroValue {
  if (isUnion(schema)) {
    const branch = schema[reader.long()];
    if (branch === undefined) throw new Error('no such branch of a union');
    return decodeAvro(branch, reader);
  }
  const kind = typeof schema === 'string' ? schema : schema.type;
  if (kind === 'null') return null;
  if (kind === 'boolean') return reader.raw(1)[0] === 1;
  if (kind === 'int' || kind === 'long') return reader.long();
  if (kind === 'float' || kind === 'double') return floating(reader.raw(kind === 'float' ? 4 : 8));
  if (kind === 'string') return fromUtf8.decode(reader.raw(reader.long()));
  if (kind === 'bytes') return reader.raw(reader.long()).slice();
  if (typeof schema === 'string') throw new Error(`no type ${schema}`);
  if (schema.type === 'fixed') return reader.raw(schema.size).slice();
  if (schema.type === 'record') return Object.fromEntries(schema.fields.map(({ name, type }) => [name, decodeAvro(type, reader)]));
  if (schema.type === 'array') return [...items(reader, () => decodeAvro(schema.items, reader))];
  if (schema.type === 'map')
    return Object.fromEntries(items(reader, () => [fromUtf8.decode(reader.raw(reader.long())), decodeAvro(schema.values, reader)]));
  throw new Error(`no type ${kind}`);
}

export function isRecord(value: AvroValue | undefined): value is { readonly [name: string]: AvroValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function isUnion(schema: AvroSchema): schema is readonly AvroSchema[] {
  return Array.isArray(schema);
}

function sized(bytes: Uint8Array, writer: AvroWriter): void {
  writer.long(bytes.length);
  writer.raw(bytes);
}

function blocks<T>(values: readonly T[], writer: AvroWriter, write: (value: T) => void): void {
  if (values.length > 0) writer.long(values.length);
  for (const value of values) write(value);
  writer.long(0);
}

function* items<T>(reader: AvroReader, read: () => T): Generator<T> {
  for (let count = reader.long(); count !== 0; count = reader.long()) {
    // A negative count is followed by the block's size in bytes.
    if (count < 0) reader.long();
    for (let left = Math.abs(count); left > 0; left--) yield read();
  }
}

function floating(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
}
