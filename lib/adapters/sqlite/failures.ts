import { TidemarkError } from '../../core/errors.ts';

const SQLITE_BUSY = 5;
const SQLITE_CONSTRAINT = 19;

/** SQLite's primary result code, or undefined when the failure is none of SQLite's. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_SQLITE_ERROR' || !('errcode' in error)) return undefined;
  return Number(error.errcode) & 0xff;
}

export function isBusy(error: unknown): boolean {
  return resultCode(error) === SQLITE_BUSY;
}

/** A full disk or an I/O error heals without anyone touching the object: UNAVAILABLE. A broken rule of the schema is a defect and stays as it is. */
export function asStoreFailure(error: unknown, path: string): unknown {
  const code = resultCode(error);
  if (code === undefined || code === SQLITE_CONSTRAINT) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TidemarkError('UNAVAILABLE', `the database ${path} did not take the write: ${message}`, { path, sqlite: code }, error);
}
