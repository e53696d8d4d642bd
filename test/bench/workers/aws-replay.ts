/** The bundled replay function as Lambda runs it: one call after the other, each with a payload that is still text. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { SQSEvent } from 'aws-lambda';
import type { ReplayHandler } from '../../../lambdas/replay/handler.ts';
import type { ReplayJob } from '../support/aws/run.ts';
import { peakRssMibOf } from '../support/usage.ts';
import { jobOf, tell } from '../support/worker.ts';

const { functionFile, eventsFile, timeoutMs } = jobOf<ReplayJob>();
/** What the function prints goes into its log, and is paid for by its size. */
let printedBytes = 0;
process.stdout.write = (chunk: string | Uint8Array): boolean => {
  printedBytes += Buffer.byteLength(chunk);
  return true;
};
const { handler }: { handler: ReplayHandler } = await import(pathToFileURL(functionFile).href);
const payloads = readFileSync(eventsFile, 'utf8').split('\n');

const cpu = process.cpuUsage();
const started = performance.now();
for (const payload of payloads) {
  const event: SQSEvent = JSON.parse(payload);
  const end = performance.now() + timeoutMs;
  const { batchItemFailures } = await handler(event, { getRemainingTimeInMillis: () => end - performance.now() });
  if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} of ${event.Records.length} messages were given back`);
}
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);
await tell({ seconds, cpuMs: (user + system) / 1000, peakRssMib: peakRssMibOf('self'), calls: payloads.length, printedBytes });
process.exit(0);
