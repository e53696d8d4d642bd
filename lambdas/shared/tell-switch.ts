import type { ProbeRound } from '../../lib/usecases/gateway/probe-round.ts';
import type { Log } from './log.ts';

/** Says aloud that a round of probes switched, or would have. */
export function tellSwitch(log: Log, { decision, switchedTo, record }: ProbeRound): void {
  if (switchedTo !== null) log.error('the active region failed; another one is active', { active: record.active, epoch: switchedTo });
  else if (decision?.act === 'switch') log.warn('another process switched first', { active: record.active, epoch: record.epoch });
}
