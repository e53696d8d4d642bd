import type { Log } from '../../lambdas/shared/log.ts';

const RANKS = { debug: 0, info: 1, warn: 2, error: 3 } as const;
type Level = keyof typeof RANKS;
const RANK_OF_NAME: ReadonlyMap<string, number> = new Map(Object.entries(RANKS));

/**
 * One line of JSON each, on standard error: standard output is for people.
 * @param from the least level that is written; anything else than a level's name counts as `info`
 */
export function consoleLog(from: string | undefined, write: (line: string) => void = (line) => void process.stderr.write(line)): Log {
  const least = RANK_OF_NAME.get(from?.toLowerCase() ?? '') ?? RANKS.info;
  const at = (level: Level) => {
    return (message: string, fields: Record<string, unknown> = {}): void => {
      if (RANKS[level] < least) return;
      write(`${JSON.stringify({ level: level.toUpperCase(), timestamp: new Date().toISOString(), message, ...fields }, readable)}\n`);
    };
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** JSON alone shows nothing of an error. */
function readable(_name: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack, ...(value.cause === undefined ? {} : { cause: value.cause }) };
}
