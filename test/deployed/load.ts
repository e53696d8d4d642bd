/** Writes, overwrites and deletes objects by seeded chance; each text shows by itself whether it is whole, and which change wrote it. */
import { createHash } from 'node:crypto';
import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { Side } from './side.ts';

const DELETES = 0.2;
const MAX_REPEATS = 400;

export class Load {
  /** Changes made so far. */
  changes = 0;
  readonly #side: Side;
  readonly #keys: readonly string[];
  readonly #random: () => number;

  /** @param random the only chance there is: the same one makes the same changes */
  constructor(side: Side, keys: readonly string[], random: () => number) {
    this.#side = side;
    this.#keys = keys;
    this.#random = random;
  }

  async change(): Promise<void> {
    const key = this.#keys[Math.floor(this.#random() * this.#keys.length)] ?? '';
    const number = ++this.changes;
    if (this.#random() < DELETES) await this.#side.delete(key);
    else await this.#side.put(key, selfProving(key, number, 1 + Math.floor(this.#random() * MAX_REPEATS)), { metadata: { number: String(number) } });
  }
}

/** Mulberry32. @returns numbers in [0, 1), the same ones for the same seed */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * What was ever to be seen under the keys of a versioned bucket, a line for each fault of it: an object that no change wrote (other
 * bytes, or those of one with the metadata of another), or one that is older than the one it took the place of.
 */
export async function faultsOfHistory(side: Side, prefix: string): Promise<readonly string[]> {
  const { Versions = [], IsTruncated } = await side.client.send(new ListObjectVersionsCommand({ Bucket: side.bucket, Prefix: prefix }));
  if (IsTruncated) throw new Error('there are more versions than a page holds');
  const found: string[] = [];
  const newest = new Map<string, number>();
  // Listed from the newest to the oldest.
  for (const { Key = '', VersionId } of Versions.reverse()) {
    const { Body, Metadata = {} } = await side.client.send(new GetObjectCommand({ Bucket: side.bucket, Key, VersionId }));
    const number = Number(Metadata.number);
    const text = (await Body?.transformToString()) ?? '';
    if (!isWhole(text, Key, number)) found.push(`${Key}: torn in version ${VersionId}, of change ${number}`);
    if (number < (newest.get(Key) ?? 0)) found.push(`${Key}: change ${number} came after change ${newest.get(Key)}`);
    newest.set(Key, Math.max(number, newest.get(Key) ?? 0));
  }
  return found;
}

function selfProving(key: string, number: number, repeats: number): string {
  const text = `${key} ${number}\n`.repeat(repeats);
  return text + sha256(text);
}

function isWhole(text: string, key: string, number: number): boolean {
  const end = text.lastIndexOf('\n') + 1;
  return text.startsWith(`${key} ${number}\n`) && sha256(text.slice(0, end)) === text.slice(end);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
