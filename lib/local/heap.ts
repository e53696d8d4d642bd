/**
 * How far V8 lets the heap of a host grow. By itself it lets up to 200 MiB of garbage stand beside 20 to 30 MiB that are in use, and never takes
 * the larger young generation back. That saves a tenth of the CPU where hundreds of copies are under way, and next to nothing elsewhere.
 * V8 reads both flags at each collection, so that they may change while it runs; the size of the heap itself is settled when a process begins.
 */
import { setFlagsFromString } from 'node:v8';
import type { SqsHandler } from './queue-poller.ts';

/** The young generation stays as large as the start of the host made it; the old one is collected once half as much again as is in use was added. */
const LEAN = ['--semi-space-growth-factor=1', '--heap-growing-percent=50'] as const;
/** V8's own defaults. */
const ROOMY = ['--semi-space-growth-factor=2', '--heap-growing-percent=0'] as const;
/** Calls under way that are more than a trickle. */
const MANY = 4;

export function keepHeapLean(): void {
  for (const flag of LEAN) setFlagsFromString(flag);
}

/** Keeps the heap lean but while many calls of this handler are under way: from then on, until none is. */
export function withRoomForMany(handler: SqsHandler): SqsHandler {
  keepHeapLean();
  let [calls, roomy] = [0, false];
  return async (event, context) => {
    if (++calls >= MANY && !roomy) {
      roomy = true;
      for (const flag of ROOMY) setFlagsFromString(flag);
    }
    try {
      return await handler(event, context);
    } finally {
      if (--calls === 0 && roomy) {
        roomy = false;
        keepHeapLean();
      }
    }
  };
}
