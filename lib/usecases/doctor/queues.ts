import type { DiagnosedQueue } from '../../ports/diagnosis.ts';
import { chartOf, type Finding } from './finding.ts';

/** Does what fails again and again end where people see it? */
export async function checkQueue(queue: DiagnosedQueue): Promise<Finding> {
  const chart = chartOf('queue', `queue ${queue.name}`);
  try {
    if (await queue.redrives()) return chart.ok('what fails again and again is set aside');
  } catch (error) {
    return chart.unseen(error);
  }
  return chart.found(
    'error',
    'NO_REDRIVE',
    'it has no redrive policy: a message that nobody can process comes back until it expires, and is then lost',
    'Run `npm run deploy`, which sets it. Someone changed the queue by hand.',
  );
}
