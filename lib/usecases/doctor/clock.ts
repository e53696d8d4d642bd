import type { DiagnosedEndpoint } from '../../ports/diagnosis.ts';
import type { Clock } from '../../ports/system.ts';
import { chartOf, type Finding } from './finding.ts';

const MOST_MS = 5_000;
/** The endpoint tells whole seconds: on average it is later by half of one. */
const HALF_SECOND_MS = 500;

/** Signatures end being valid after minutes; conflicts are decided by seconds. */
export async function checkClock(name: string, endpoint: DiagnosedEndpoint, clock: Clock): Promise<Finding> {
  const chart = chartOf('clock', `region ${name}`);
  const asked = clock.now();
  const time = await endpoint.time();
  if (time === null) return chart.found('info', 'CLOCK_UNKNOWN', 'the endpoint tells no time', 'Compare its clock with this one in another way.');
  const ahead = time + HALF_SECOND_MS - (asked + clock.now()) / 2;
  if (Math.abs(ahead) <= MOST_MS) return chart.ok('its clock and this one agree within 5 s');
  return chart.found(
    'error',
    'CLOCK_SKEW',
    `its clock is ${(Math.abs(ahead) / 1000).toFixed(0)} s ${ahead > 0 ? 'ahead of' : 'behind'} this one`,
    'Set the wrong clock right, and keep it so by NTP (timedatectl set-ntp true).',
  );
}
