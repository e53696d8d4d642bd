/** What is put: bytes that can be sent again, and what they hash to. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliError, EXIT } from '../exit.ts';
import type { Told } from './meter.ts';

export interface Source {
  readonly size: number;
  /** base64 */
  readonly sha256: string;
  open(): Readable;
  /** Removes what was kept for it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param path `-`: standard input @throws CliError where it cannot be read */
export async function openSource(path: string, signal: AbortSignal, told: Told): Promise<Source> {
  if (path === '-') return fromStdin(signal);
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new Error('it is no file');
    const { size } = found;
    const open = (): Readable => createReadStream(path, { end: Math.max(0, size - 1) });
    const hash = createHash('sha256');
    const moved = told(size, 'read');
    for await (const chunk of createReadStream(path, { end: Math.max(0, size - 1), signal })) {
      hash.update(chunk);
      moved(chunk.length);
    }
    return { size, sha256: hash.digest('base64'), open, [Symbol.asyncDispose]: async () => undefined };
  } catch (error) {
    signal.throwIfAborted();
    throw new CliError(`${path} cannot be read: ${wordsOf(error)}. Name a file, or - for standard input.`, EXIT.failed, error);
  }
}

/** Kept in a file until it is stored: it may have to be sent again, and its length and hash go before it. */
async function fromStdin(signal: AbortSignal): Promise<Source> {
  if (process.stdin.isTTY)
    throw new CliError('- reads the object from standard input: pipe it in, as `pg_dump | npx tidemark put KEY -`.', EXIT.usage);
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-put-'));
  const path = join(folder, 'object');
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const hash = createHash('sha256');
  let size = 0;
  try {
    const counted = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    };
    await pipeline(process.stdin, counted, createWriteStream(path), { signal });
  } catch (error) {
    await dispose();
    signal.throwIfAborted();
    const fix = 'Make room there, or set TMPDIR to a folder that has it.';
    throw new CliError(`standard input could not be kept in ${tmpdir()}: ${wordsOf(error)}. ${fix}`, EXIT.failed, error);
  }
  return { size, sha256: hash.digest('base64'), open: () => createReadStream(path), [Symbol.asyncDispose]: dispose };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
