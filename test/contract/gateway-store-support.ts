/** What the gateway store contract is made of. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { TidemarkError } from '../../lib/core/errors.ts';
import type { GatewayStore, PutOptions, ServedBody, ServedObject, Stored } from '../../lib/ports/gateway-store.ts';
import type { Body } from '../../lib/ports/objects.ts';
import { bytesOf } from './object-store-support.ts';

export interface GatewayStoreUnderTest {
  /** On a fresh, empty bucket. */
  readonly store: GatewayStore;
  /** On the same bucket; it gives a body up after SILENCE_MS. */
  readonly impatient: GatewayStore;
  /** Takes the bucket away (it is empty then). */
  loseBucket(): Promise<void>;
  /** Uploads and files that were begun and neither ended nor removed. */
  leftovers(): Promise<number>;
  dispose(): Promise<void>;
}

export const SILENCE_MS = 50;

/** What a store truly lacks; everything else is demanded of it. */
export interface GatewayStoreTraits {
  readonly keys: 'any' | 'posix';
  readonly withoutKeys?: readonly string[];
  /** Decides itself, in the moment of the write, between two that both want to be the first. */
  readonly conditionalPut: boolean;
  /** `lenient`: addresses are made, and the store checks neither who signed them nor when. */
  readonly presigns: boolean | 'lenient';
  /** Confirms the checksums of single PUTs on HEAD. */
  readonly keepsChecksums: boolean;
}

export const MIB = 1024 * 1024;

/** Blocks that differ, so that one put in the place of another shows. */
export async function* blocks(size: number, atEach: (offset: number) => void | Promise<void> = () => undefined): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < size; offset += MIB) {
    await atEach(offset);
    yield Buffer.alloc(Math.min(MIB, size - offset), offset / MIB + 1);
  }
}

export async function md5Of(body: Body | AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of body instanceof Uint8Array ? [body] : body) hash.update(chunk);
  return hash.digest('hex');
}

export async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

export function store(to: GatewayStore, key: string, body: string | Body, options: Partial<PutOptions> = {}): Promise<Stored> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return to.put(key, bytes, { headers: {}, metadata: {}, ...(bytes instanceof Uint8Array ? { size: bytes.length } : {}), ...options });
}

/** @returns what is served, which must be an object */
export async function served(from: GatewayStore, key: string, options: Parameters<GatewayStore['get']>[1] = {}): Promise<ServedBody> {
  const answer = await from.get(key, options);
  if (answer.kind !== 'object') throw new Error(`${JSON.stringify(key)} was answered ${answer.kind}`);
  return answer;
}

/** @returns what HEAD shows of an object, which must be there; a body that nobody reads would keep some servers from writing the key (minio) */
export async function shown(from: GatewayStore, key: string): Promise<ServedObject> {
  const answer = await from.head(key);
  if (answer.kind !== 'object') throw new Error(`${JSON.stringify(key)} was answered ${answer.kind}`);
  return answer;
}

export async function textOf(from: GatewayStore, key: string, options: Parameters<GatewayStore['get']>[1] = {}): Promise<string> {
  return (await bytesOf((await served(from, key, options)).body)).toString();
}

/** HEAD and GET must say the same; @returns what they say */
export async function asked(from: GatewayStore, key: string, options: Parameters<GatewayStore['get']>[1] = {}): Promise<string> {
  const [head, got] = [await from.head(key, options), await from.get(key, options)];
  expect(head.kind).toBe(got.kind);
  if (got.kind !== 'object' || head.kind !== 'object') return got.kind;
  expect(head).toEqual({ kind: 'object', sight: got.sight, ...(got.part ? { part: got.part } : {}) });
  const text = (await bytesOf(got.body)).toString();
  return got.part ? `${got.part.start}-${got.part.end} ${text}` : text;
}

export function isInvalid(field: string): (error: unknown) => boolean {
  return (error) => error instanceof TidemarkError && error.code === 'INVALID_INPUT' && error.fields.field === field;
}
