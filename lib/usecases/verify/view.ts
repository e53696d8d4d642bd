/** Verifies and repairs as operators see them. */
import type { BackfillJob } from '../../core/backfill/job.ts';
import { reports } from '../../core/backfill/mode.ts';
import type { Difference } from '../../core/verify/difference.ts';
import { type FoundInAll, foundIn } from '../../core/verify/found.ts';
import type { BackfillJobs } from '../../ports/backfills.ts';
import type { ReportStore } from '../../ports/reports.ts';
import { differencesFile, linesOf, reportFile } from './lines.ts';

export interface VerifyView {
  readonly job: BackfillJob;
  readonly found: FoundInAll;
}

export interface ViewVerifyDeps {
  readonly backfills: Pick<BackfillJobs, 'get' | 'list' | 'ranges'>;
  readonly reports: ReportStore;
}

/** @returns null where there is none of this id */
export async function viewVerify({ backfills }: ViewVerifyDeps, id: string): Promise<VerifyView | null> {
  const job = await backfills.get(id);
  return job && reports(job.mode) ? { job, found: foundIn(await backfills.ranges(id)) } : null;
}

/** @returns the newest first, and after which id to go on where there may be more */
export async function listVerifies(
  { backfills }: ViewVerifyDeps,
  limit: number,
  before?: string,
): Promise<{ readonly verifies: readonly VerifyView[]; readonly next?: string }> {
  const jobs = await backfills.list(['verify', 'repair'], limit, before);
  const verifies = await Promise.all(jobs.map(async (job) => ({ job, found: foundIn(await backfills.ranges(job.id)) })));
  const last = jobs.length === limit ? jobs.at(-1)?.id : undefined;
  return { verifies, ...(last === undefined ? {} : { next: last }) };
}

/** @returns null where there is none of this id; `link` null while, or because, it has no report */
export async function linkOfReport(
  { backfills, reports: store }: ViewVerifyDeps,
  id: string,
): Promise<{ readonly status: BackfillJob['status']; readonly link: string | null } | null> {
  const job = await backfills.get(id);
  if (!job || !reports(job.mode)) return null;
  return { status: job.status, link: job.status === 'done' ? await store.link(reportFile(id)) : null };
}

/** Where a page of differences ended: the range, the file of it, and the line of that. */
const CURSOR = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/;

/** Files read for one answer: where each holds a line, a page of a thousand would take longer than a caller waits. */
const MOST_FILES = 200;

export interface DifferencePage {
  /** As many as were asked for, or fewer where they lie far apart. */
  readonly differences: readonly Difference[];
  /** Present while there may be more. */
  readonly cursor?: string;
}

/**
 * Those that were found so far, by range. Stable while the comparison runs: what is found later comes later within its range.
 * @returns null where there is no such comparison, or the cursor is none of ours
 */
export async function listDifferences(
  { backfills, reports: store }: ViewVerifyDeps,
  id: string,
  limit: number,
  cursor?: string,
  mostFiles: number = MOST_FILES,
): Promise<DifferencePage | null> {
  const job = await backfills.get(id);
  const from = cursor === undefined ? [0, 0, 0] : CURSOR.exec(cursor)?.slice(1).map(Number);
  if (!job || !reports(job.mode) || !from) return null;
  const [startRange = 0, startFile = 0, startLine = 0] = from;
  const differences: Difference[] = [];
  let files = 0;
  for (const { index, found } of await backfills.ranges(id)) {
    if (index < startRange) continue;
    for (let file = index === startRange ? startFile : 0; file < (found?.files ?? 0); file++) {
      if (files++ === mostFiles) return { differences, cursor: `${index}.${file}.0` };
      const skip = index === startRange && file === startFile ? startLine : 0;
      let line = 0;
      for await (const text of linesOf(store, differencesFile(id, index, file))) {
        if (line >= skip) {
          if (differences.length === limit) return { differences, cursor: `${index}.${file}.${line}` };
          differences.push(JSON.parse(text));
        }
        line++;
      }
    }
  }
  return { differences };
}
