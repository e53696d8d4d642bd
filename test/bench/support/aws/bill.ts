/** What a run would have cost: its units, by AWS's prices. */

import { OVERHEAD_BYTES } from './items.ts';
import { PRICES } from './prices.ts';
import type { Replayed } from './run.ts';

export interface Line {
  readonly what: string;
  /** For a million objects. */
  readonly units: number;
  /** For a million objects. */
  readonly dollars: number;
}

const MILLION = 1e6;
const GIB = 1024 ** 3;
/** Memory that comes with a whole core; less of it comes with as much less. */
const MB_PER_CORE = 1_769;

/** The store sends each event; Lambda receives a batch, and deletes it, in one request each. The handler's own come on top. */
const REQUESTS_PER_BATCH = 2;
const LOG_OVERHEAD_BYTES = 26;

/** @param memoryMb of the function */
export function linesOf({ objects, calls, printedBytes, run, counts }: Replayed, memoryMb: number): readonly Line[] {
  const { lambda, dynamodb, sqs, cloudWatch } = PRICES;
  const perMillion = (units: number): number => (units / objects) * MILLION;
  const line = (what: string, counted: number, pricePerMillion: number): Line => {
    const units = perMillion(counted);
    return { what, units, dollars: (units / MILLION) * pricePerMillion };
  };
  // Each line takes some bytes more than it holds.
  const logged = perMillion(printedBytes + calls * LOG_OVERHEAD_BYTES);
  const gbSeconds = perMillion(gbSecondsOf((run.cpuMs ?? Number.NaN) / 1000, memoryMb));
  return [
    line('DynamoDB write units', counts.writeUnits, dynamodb.perMillionWriteUnits),
    line('DynamoDB read units', counts.readUnits, dynamodb.perMillionReadUnits),
    line('SQS: events sent by S3', objects, sqs.perMillionRequests),
    line('SQS: batches received and deleted', calls * REQUESTS_PER_BATCH, sqs.perMillionRequests),
    line('SQS: requests of the handler', total(counts.sqs), sqs.perMillionRequests),
    line('Lambda calls', calls, lambda.perMillionCalls),
    {
      what: 'CloudWatch: KB of log lines that hold metrics',
      units: logged / 1000,
      dollars: (logged / 1e9) * cloudWatch.perLogGb,
    },
    { what: "Lambda GB-seconds of the handler's CPU", units: gbSeconds, dollars: gbSeconds * lambda.perGbSecond },
  ];
}

export function sum(lines: readonly Line[]): number {
  return lines.reduce((dollars, line) => dollars + line.dollars, 0);
}

export function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

/** How much of a core a function of this memory has. */
export function shareOfCore(memoryMb: number): number {
  return Math.min(1, memoryMb / MB_PER_CORE);
}

/**
 * Dollars for a million objects when a call lasts longer than the CPU that it takes: it waits for answers, and has only a share of a core.
 * Nothing is computed while it waits, which is more than will be waited.
 * @param waitMs of a key; those of a batch wait at once
 */
export function withTime(replayed: Replayed, memoryMb: number, { share, waitMs }: { readonly share: number; readonly waitMs: number }): number {
  const { calls, objects, run } = replayed;
  const cpuSeconds = (run.cpuMs ?? Number.NaN) / 1000;
  const more = cpuSeconds / share - cpuSeconds + (calls * waitMs) / 1000;
  return sum(linesOf(replayed, memoryMb)) + (gbSecondsOf(more, memoryMb) / objects) * MILLION * PRICES.lambda.perGbSecond;
}

/** A month, dollars for a million keys. */
export function storageOf(meanBytes: number): { readonly gib: number; readonly table: number; readonly backup: number } {
  const gib = ((meanBytes + OVERHEAD_BYTES) * MILLION) / GIB;
  return { gib, table: gib * PRICES.dynamodb.perGbMonth, backup: gib * PRICES.dynamodb.backupPerGbMonth };
}

function gbSecondsOf(seconds: number, memoryMb: number): number {
  return (seconds * memoryMb) / 1024;
}
