import { PreconditionFailedError } from '../core/errors.ts';
import { propertiesPrint } from '../core/objects/sight.ts';
import type { CopyRequest, ServerSideCopy, UploadPart, Written } from '../ports/objects.ts';
import type { HeldLease } from './held-lease.ts';
import { proveCopy } from './prove.ts';

const MIB = 1024 * 1024;
const MAX_PARTS = 10_000;
const MIN_PART_BYTES = 16 * MIB;
const PARTS_IN_FLIGHT = 8;

/**
 * Copies a large object server-side, its parts in parallel, every one pinned to the observed etag.
 * An upload that an earlier worker began is continued when it was begun for the same etag, metadata and tags, and given up otherwise.
 * @param request its sight with tags: an upload gets them when it is begun
 */
export async function copyParts(store: ServerSideCopy, request: CopyRequest, lease: HeldLease): Promise<Written> {
  const { key, sight } = request;
  const { uploadId, existing } = await openUpload(store, request, lease);
  const missing = rangesOf(sight.size).filter(({ number }) => !existing.some((part) => part.number === number));
  const copied: UploadPart[] = [...existing];
  const copyNext = async (): Promise<void> => {
    for (let range = missing.shift(); range !== undefined; range = missing.shift()) {
      lease.guard();
      copied.push(await store.copyPart(request, uploadId, range.number, range));
    }
  };
  try {
    await Promise.all(Array.from({ length: PARTS_IN_FLIGHT }, copyNext));
    lease.guard();
    const written = await store.completeUpload(
      request,
      uploadId,
      copied.sort((a, b) => a.number - b.number),
    );
    proveCopy(sight, written);
    return written;
  } catch (error) {
    missing.length = 0;
    // Its parts are of a version that is gone: nobody can go on with them. Any other failure leaves them for the next attempt.
    if (error instanceof PreconditionFailedError && error.side === 'source') {
      await lease.saveUpload(null);
      await store.abortUpload(key, uploadId);
    }
    throw error;
  }
}

async function openUpload(
  store: ServerSideCopy,
  request: CopyRequest,
  lease: HeldLease,
): Promise<{ uploadId: string; existing: readonly UploadPart[] }> {
  const { key, sight } = request;
  const former = lease.record.upload;
  const properties = propertiesPrint(sight);
  if (former && former.etag === sight.etag && former.properties === properties) {
    const parts = await store.listParts(key, former.id);
    if (parts) return { uploadId: former.id, existing: wholeParts(parts, sight.size) };
  }
  if (former) await store.abortUpload(key, former.id);
  lease.guard();
  const { uploadId } = await store.startUpload(request);
  await lease.saveUpload({ id: uploadId, etag: sight.etag, properties });
  return { uploadId, existing: [] };
}

export interface PartRange {
  readonly number: number;
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** Equal parts of at least 16 MiB, at most 10,000 of them; the same for the same size, so that an upload can be continued. */
export function rangesOf(size: number): PartRange[] {
  const partBytes = Math.max(MIN_PART_BYTES, Math.ceil(size / MAX_PARTS / MIB) * MIB);
  const ranges: PartRange[] = [];
  for (let start = 0, number = 1; start < size; start += partBytes, number++) {
    ranges.push({ number, start, end: Math.min(start + partBytes, size) - 1 });
  }
  return ranges;
}

function wholeParts(parts: readonly UploadPart[], size: number): readonly UploadPart[] {
  const expected = new Map(rangesOf(size).map((range) => [range.number, range.end - range.start + 1]));
  return parts.filter((part) => expected.get(part.number) === part.size);
}
