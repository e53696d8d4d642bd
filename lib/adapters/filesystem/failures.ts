/** What the operating system says of a failed call, as the codes that callers decide on. */
import { type ErrorCode, TidemarkError } from '../../core/errors.ts';

const CODES: Readonly<Record<string, ErrorCode>> = {
  EACCES: 'ACCESS_DENIED',
  EPERM: 'ACCESS_DENIED',
  EROFS: 'ACCESS_DENIED',
  EMFILE: 'THROTTLED',
  ENFILE: 'THROTTLED',
  EAGAIN: 'THROTTLED',
  EBUSY: 'THROTTLED',
  ENOSPC: 'UNAVAILABLE',
  EDQUOT: 'UNAVAILABLE',
  EIO: 'UNAVAILABLE',
  ESTALE: 'UNAVAILABLE',
  ENODEV: 'UNAVAILABLE',
  ENXIO: 'UNAVAILABLE',
  ENOTCONN: 'UNAVAILABLE',
  EHOSTDOWN: 'UNAVAILABLE',
  ENOENT: 'UNAVAILABLE',
  ENOTDIR: 'UNAVAILABLE',
  EFBIG: 'TOO_LARGE',
  ENAMETOOLONG: 'KEY_NOT_STORABLE',
};

/** The system's code of an error, such as ENOENT. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && 'syscall' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Nothing is there, or something that cannot hold it. */
export function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EINVAL', 'EILSEQ'].includes(systemCode(error) ?? '');
}

/** A file or folder of another kind stands where this one should be made, or the file system refuses the name. */
export function isInTheWay(error: unknown): boolean {
  return ['ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'ENAMETOOLONG', 'ELOOP', 'EINVAL', 'EILSEQ'].includes(systemCode(error) ?? '');
}

/** What comes of a call on a path; undefined where nothing is there. @throws any failure that is not absence */
export async function unlessAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** The directory or file of a failed call, absolute; undefined where the system does not say. */
function pathOf(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined;
}

/** The permissions of a file or directory deny the call. */
export function isForbidden(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(systemCode(error) ?? '');
}

/** A failure whose remedy lies in the file system: what ERROR_CODES says of its code speaks of buckets and their keys. */
export class FolderError extends TidemarkError {
  readonly #fix: string;

  constructor(code: ErrorCode, message: string, { fix, fields, cause }: { fix: string; fields: Readonly<Record<string, unknown>>; cause?: unknown }) {
    super(code, message, fields, cause);
    this.#fix = fix;
  }

  override get fix(): string {
    return this.#fix;
  }
}

/** @returns the system's errors with their codes; any other as it is */
export function explain(error: unknown, fields: Readonly<Record<string, unknown>>): unknown {
  const system = systemCode(error);
  const code = system === undefined ? undefined : CODES[system];
  if (code === undefined) return error;
  const path = pathOf(error) ?? String(fields.folder ?? 'the folder');
  if (isForbidden(error)) {
    return new FolderError(code, `${path} cannot be used (${system}): its file permissions, or those of a directory above it, deny it to this user`, {
      fix: `Give the user that runs Tidemark the file permissions to read and enter ${path} (chown, chmod), or move it out of the folder.`,
      fields: { ...fields, system, path },
      cause: error,
    });
  }
  return new TidemarkError(code, `the folder answered ${system}`, { ...fields, system }, error);
}

/** Runs an act on a folder and gives the system's errors their codes; all others pass as they are. */
export async function explained<T>(fields: Readonly<Record<string, unknown>>, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw explain(error, fields);
  }
}
