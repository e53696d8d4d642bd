import { isDeepStrictEqual } from 'node:util';
import type { Side } from './side.ts';

const AT_A_TIME = 16;

/** What is not the same on both sides below the prefix: bytes, content headers, metadata, tags, or being there at all. */
export async function differences(source: Side, destination: Side, prefix: string): Promise<readonly string[]> {
  const keys = [...new Set([...(await source.keys(prefix)), ...(await destination.keys(prefix))])];
  const found: string[] = [];
  for (let from = 0; from < keys.length; from += AT_A_TIME) {
    const lines = await Promise.all(keys.slice(from, from + AT_A_TIME).map((key) => differenceOf(source, destination, key)));
    found.push(...lines.flat());
  }
  return found;
}

async function differenceOf(source: Side, destination: Side, key: string): Promise<readonly string[]> {
  const [there, here] = await Promise.all([source.stored(key), destination.stored(key)]);
  if (there === null || here === null) return there === here ? [] : [`${key}: ${there === null ? 'only a copy is left' : 'not copied'}`];
  const wrong = (['body', 'headers', 'metadata', 'tags'] as const).filter((part) => !isDeepStrictEqual(there[part], here[part]));
  return wrong.map((part) => `${key}: its ${part} is not the same`);
}
