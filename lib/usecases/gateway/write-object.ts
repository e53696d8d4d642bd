/** Writes and removes objects at the active region, and has the change on its way before it answers (B1). */
import { asTidemarkError, TidemarkError } from '../../core/errors.ts';
import type { GatewayStore, PutOptions, Stored } from '../../ports/gateway-store.ts';
import type { Body } from '../../ports/objects.ts';
import type { Writer } from './authority.ts';
import type { WriteDeps } from './object-deps.ts';

export interface WriteAnswer<T> {
  readonly result: T;
  readonly region: string;
  readonly epoch: number;
}

/** As the audit trail names its actors. */
interface By {
  readonly by: string;
}

/**
 * @throws PreconditionFailedError; TidemarkError as GatewayStore.put; NO_WRITER where nobody may write now; UNAVAILABLE with `outcomeUnknown`
 * where it may have been written. Sent again, all of these harm nothing.
 */
export async function putObject(
  deps: WriteDeps,
  key: string,
  body: Body,
  { by, ...options }: Omit<PutOptions, 'beforeCommit'> & By,
): Promise<WriteAnswer<Stored>> {
  return atActive(deps, { op: 'PUT', key, by }, async (store, writer) => {
    const stored = await store.put(key, body, { ...options, beforeCommit: () => assertHolds(writer) });
    const { contentType } = options.headers;
    await announced(deps, writer, key, {
      op: 'PUT',
      etag: stored.etag,
      size: stored.size,
      ...(contentType === undefined ? {} : { contentType }),
      ...(stored.versionId === undefined ? {} : { versionId: stored.versionId }),
    });
    return stored;
  });
}

/** Removing what is absent succeeds, and is carried over too: the other region may hold what has not come here yet. @throws as `putObject` */
export async function deleteObject(
  deps: WriteDeps,
  key: string,
  { by, ...options }: By & { readonly ifMatch?: string; readonly signal?: AbortSignal },
): Promise<WriteAnswer<void>> {
  return atActive(deps, { op: 'DELETE', key, by }, async (store, writer) => {
    assertHolds(writer);
    await store.remove(key, options);
    await announced(deps, writer, key, { op: 'DELETE' });
  });
}

async function atActive<T>(
  { authority, writing, audited, unfit }: WriteDeps,
  write: By & { readonly op: 'PUT' | 'DELETE'; readonly key: string },
  act: (store: Pick<GatewayStore, 'put' | 'remove'>, writer: Writer) => Promise<T>,
): Promise<WriteAnswer<T>> {
  const problem = await unfit?.();
  if (problem) throw new TidemarkError('NO_WRITER', `what is written could not be carried to the other region: ${problem}`, { retryAfterSec: 60 });
  return authority.writing(async (writer) => {
    await audited?.({ ...write, region: writer.region });
    return { result: await act(writing(writer.region), writer), region: writer.region, epoch: writer.epoch };
  });
}

/** Another region may have become active: what is written here now would be a write of a former epoch. */
function assertHolds({ region, holds }: Writer): void {
  if (!holds())
    throw new TidemarkError('NO_WRITER', `the right to write at ${region} ended before the object was whole`, { region, retryAfterSec: 1 });
}

type Told = {
  readonly op: 'PUT' | 'DELETE';
  readonly etag?: string;
  readonly size?: number;
  readonly contentType?: string;
  readonly versionId?: string;
};

async function announced({ route, announce, clock }: WriteDeps, { region }: Writer, key: string, told: Told): Promise<void> {
  try {
    await announce({ ...told, key, origin: 'api', ts: clock.now(), side: region === route.to ? 'to' : 'from' });
  } catch (error) {
    const done = told.op === 'PUT' ? 'the object is written' : 'the object is removed';
    const why = asTidemarkError(error).message;
    throw new TidemarkError(
      'UNAVAILABLE',
      `${done} at ${region}, but its way to the other region could not be recorded: ${why}`,
      { key, region, outcomeUnknown: true, retryAfterSec: 1 },
      error,
    );
  }
}
