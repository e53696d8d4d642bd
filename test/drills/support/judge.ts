import { percentile } from '../../bench/support/percentile.ts';
import { type Client, READERS } from './client.ts';
import type { Outcome, Played } from './drill.ts';
import type { Read, Verdict, WriteEnd } from './ledger.ts';

/** Of all reads, so many at most may have to be sent again; and those that were under way when the fault began, which it cuts. */
const SENT_AGAIN = 0.001;

interface Told extends Played {
  readonly begun: number;
  readonly verdict: Verdict;
}

/** Holds what the client saw against what must hold in every drill: nothing lost, no split, reads answered. */
export function outcomeOf({ ledger, failures }: Client, { begun, faultAt, epoch, verdict, broken = [], gatewaysOut = 'none' }: Told): Outcome {
  const { reads, writes } = ledger;
  const ended = (end: WriteEnd): number => writes.filter((write) => write.end === end).length;
  const read = (end: Read['end']): number => reads.filter((each) => each.end === end).length;
  const retried = reads.filter((each) => each.retried).length;
  const counted = reads.length - read('behind');
  const first = epoch === undefined ? undefined : ledger.firstOf(epoch);
  return {
    seconds: (performance.now() - begun) / 1000,
    reads: reads.length,
    retried,
    unanswered: read('unanswered'),
    behind: read('behind'),
    stale: read('stale'),
    readP99Ms: percentile(Float64Array.from(reads, ({ ms }) => ms).sort(), 0.99),
    acked: ended('acked'),
    refused: ended('refused'),
    unknown: ended('unknown'),
    lost: verdict.lost.length,
    late: verdict.late.length,
    split: verdict.split.length,
    switchSeconds: first && faultAt !== undefined ? (first.ended - faultAt) / 1000 : null,
    broken: [
      ...verdict.lost.map((each) => `lost: ${each}`),
      ...verdict.ghosts.map((each) => `refused and written: ${each}`),
      ...verdict.split.map((each) => `split: ${each}`),
      ...broken,
      ...(read('torn') > 0 ? [`${read('torn')} reads of torn objects`] : []),
      ...(gatewaysOut !== 'all' && read('unanswered') > 0 ? [`${read('unanswered')} reads were not answered when they were sent again either`] : []),
      ...(gatewaysOut === 'none' && retried > Math.max(READERS, counted * SENT_AGAIN) ? [`${retried} of ${counted} reads had to be sent again`] : []),
      ...(epoch !== undefined && !first ? [`no write was acknowledged in epoch ${epoch}`] : []),
    ],
    failures: [...failures].map(([why, times]) => `${times} × ${why}`),
  };
}
