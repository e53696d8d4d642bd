/** The signed report of a verify or repair: a header, a line for each difference, a summary, a signature. JSON lines. */
import { createHash } from 'node:crypto';
import { type BackfillJob, finished } from '../../core/backfill/job.ts';
import { reports as endsWithReport, kindOf } from '../../core/backfill/mode.ts';
import type { RangeProgress } from '../../core/backfill/range-progress.ts';
import type { Route } from '../../core/routes/route.ts';
import { differencesIn } from '../../core/verify/difference.ts';
import { foundIn } from '../../core/verify/found.ts';
import type { ReportStore } from '../../ports/reports.ts';
import type { BackfillDeps } from '../backfill/deps.ts';
import { routeOf } from '../backfill/plan.ts';
import { changeJob, noteVerified, progressOfRanges, releaseClaim } from '../backfill/store.ts';
import { differencesFile, filesOf, reportFile } from './lines.ts';
import { signatureLine } from './signature.ts';

/**
 * Ends a job whose ranges are all compared; does nothing for any other. Made twice, the second report replaces the first.
 * @param version of Tidemark, as the report names it
 */
export async function makeReport(deps: BackfillDeps, id: string, version: string): Promise<void> {
  const { backfills, clock, reports, signer } = deps;
  const job = await backfills.get(id);
  if (job?.status !== 'running' || !endsWithReport(job.mode)) return;
  const ranges = await progressOfRanges(backfills, job, clock.now());
  if (!ranges.every(({ status }) => status === 'done')) return;
  const route = routeOf(deps, job);
  const head = Buffer.from(`${JSON.stringify(headerOf(job, route, version))}\n`, 'utf8');
  const foot = Buffer.from(`${JSON.stringify(summaryOf(job, ranges, clock.now()))}\n`, 'utf8');
  // Read twice, so that nothing is held: once for what is signed, and once for what is written.
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of linesOfAll(reports, id, ranges, head, foot)) {
    hash.update(chunk);
    size += chunk.byteLength;
  }
  const last = Buffer.from(await signatureLine(signer, hash.digest('hex')), 'utf8');
  await reports.put(reportFile(id), size + last.byteLength, withLast(linesOfAll(reports, id, ranges, head, foot), last));
  const whole = job.prefix === route.prefix;
  // Before it ends: who dies between the two makes the report again, and notes the same.
  if (whole) await noteVerified(backfills, route.name, { id, at: job.createdAt, deep: job.deep ?? false, counts: foundIn(ranges).counts });
  const ended = await changeJob(backfills, id, (current) => finished(current, clock.now()));
  if (ended?.status !== 'done') return;
  await releaseClaim(backfills, job, clock.now());
}

function headerOf(
  { id, mode, prefix, deep = false, delete: deletes = false, createdAt }: BackfillJob,
  { name, from, to, ...route }: Route,
  version: string,
): Readonly<Record<string, unknown>> {
  const { destinationPrefix, suffix, minBytes, maxBytes, tags } = route;
  // What both sides held at the watermark is compared, and what came later may be. What the route leaves out is not: it is named, or
  // a report without a difference would tell of more than was looked at.
  return {
    type: 'tidemark.report/1',
    id,
    kind: kindOf(mode),
    route: name,
    srcRegion: from,
    dstRegion: to,
    prefix,
    ...{ destinationPrefix, suffix, minBytes, maxBytes, tags },
    deletes: route.deletes,
    deep,
    ...(mode === 'repair' ? { delete: deletes } : {}),
    watermark: createdAt,
    tidemark: version,
  };
}

function summaryOf({ createdAt }: BackfillJob, ranges: readonly RangeProgress[], now: number): Readonly<Record<string, unknown>> {
  const { counts, compared, listed, bytes, enqueued } = foundIn(ranges);
  return { type: 'summary', counts, differences: differencesIn(counts), compared, listed, bytes, enqueued, startedAt: createdAt, finishedAt: now };
}

async function* linesOfAll(
  reports: ReportStore,
  id: string,
  ranges: readonly RangeProgress[],
  head: Uint8Array,
  foot: Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield head;
  const names = ranges.flatMap(({ index, found }) => Array.from({ length: found?.files ?? 0 }, (_, file) => differencesFile(id, index, file)));
  yield* filesOf(reports, names);
  yield foot;
}

async function* withLast(body: AsyncIterable<Uint8Array>, last: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* body;
  yield last;
}
