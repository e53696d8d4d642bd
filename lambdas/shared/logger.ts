import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from './log.ts';

/**
 * The log of every handler: one JSON line each, on standard output.
 * LOG_LEVEL sets the least that is written (DEBUG, INFO, WARN, ERROR, SILENT; INFO unless set). Object keys stand in DEBUG lines alone.
 * @param service as the lines name it
 */
export function makeLogger(service: string): Log {
  const logger = new Logger({ serviceName: service });
  return {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
  };
}
