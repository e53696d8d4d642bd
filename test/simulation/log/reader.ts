/** A subscriber: it reads on from its checkpoint, or from a time, and saves how far it has come; the monitor looks at each batch. */
import { TidemarkError } from '../../../lib/core/errors.ts';
import type { From } from '../../../lib/core/log/cursor.ts';
import type { ReadingOptions } from '../../../lib/core/log/reading.ts';
import { getCheckpoint, saveCheckpoint } from '../../../lib/usecases/log/checkpoints.ts';
import { replay } from '../../../lib/usecases/log/replay.ts';
import type { Process } from '../gateway/process.ts';
import type { LogMonitor } from './monitor.ts';
import type { LogNetwork } from './network.ts';
import type { ReadOp } from './scenario.ts';
import { ModelCheckpoints, ModelLogStore, type SharedLog } from './store.ts';

export interface ReaderWorld {
  readonly shared: SharedLog;
  readonly network: LogNetwork;
  readonly monitor: LogMonitor;
}

/** @returns true when it has read to the end */
export async function read({ shared, network, monitor }: ReaderWorld, process: Process, op: ReadOp): Promise<boolean> {
  const { stream, subscriber, since, followMs } = op;
  const chunks = new ModelLogStore(shared, network, process);
  const checkpoints = { checkpoints: new ModelCheckpoints(shared, network, process), clock: process.clock };
  const stop = new AbortController();
  if (followMs !== undefined) void process.clock.sleep(followMs).then(() => stop.abort());
  const length = monitor.lengthOf(stream);
  let known: number | null = null;
  let hasGiven = false;
  try {
    const saved = await getCheckpoint(checkpoints, stream, subscriber);
    const from: From = since !== undefined ? { timestamp: Math.max(0, process.clock.now() - since) } : (saved?.cursor ?? 'earliest');
    known = since === undefined ? (saved?.cursor.sequence ?? null) : null;
    const options: ReadingOptions = { batchSize: op.batchSize, ...(op.collections ? { collections: op.collections } : {}) };
    const batches = replay(
      { chunks, clock: process.clock },
      { stream, fromCursor: from, follow: followMs !== undefined, signal: stop.signal, ...options },
    );
    for await (const { events, cursor } of batches) {
      monitor.given(stream, from, { known, length, collections: op.collections }, events, cursor);
      known = cursor.sequence;
      hasGiven = true;
      if (since === undefined) await saveCheckpoint(checkpoints, stream, subscriber, cursor);
    }
    if (!hasGiven && followMs === undefined) monitor.gaveNothing(stream, from, known, length);
    return followMs === undefined;
  } catch (error) {
    network.tell(subscriber, () => String(error));
    if (error instanceof TidemarkError && error.code === 'CURSOR_EXPIRED') {
      monitor.expired(stream, known, since !== undefined);
      // It goes on behind what it has lost.
      const oldest = Number(error.fields.oldest);
      if (since === undefined) await saveCheckpoint(checkpoints, stream, subscriber, { sequence: oldest - 1, timestamp: 0 }).catch(() => undefined);
    }
    return false;
  }
}
