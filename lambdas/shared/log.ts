/** Structured logs: one JSON line each. Powertools' Logger has this shape. No line per object at INFO. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** The same log, where every line names the request that it is about. */
export function logOfRequest(log: Log, requestId: string): Log {
  const about = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({ ...fields, requestId });
  return {
    debug: (message, fields) => log.debug(message, about(fields)),
    info: (message, fields) => log.info(message, about(fields)),
    warn: (message, fields) => log.warn(message, about(fields)),
    error: (message, fields) => log.error(message, about(fields)),
  };
}
