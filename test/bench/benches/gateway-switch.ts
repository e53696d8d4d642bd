import { Stage } from '../../drills/support/stage.ts';
import { until } from '../../fixtures/until.ts';
import { type Bench, below, median, type Scale } from '../support/result.ts';

const ROUNDS: Readonly<Record<Scale, number>> = { small: 1, full: 3 };
const LEASE_SEC = 10;
/** The lease, 4 % for clocks that differ, and a second for the write: what docs/drills.md promises after the last probe. */
const BOUND_SEC = 1.04 * LEASE_SEC + 1;
const SWITCHED_WITHIN_MS = 120_000;

interface Switch {
  readonly killedToProbe: number;
  readonly probeToWrite: number;
}

export const gatewaySwitch: Bench = {
  name: 'gateway-switch',
  run: async ({ scale, say }) => {
    const switches: Switch[] = [];
    for (let round = 1; round <= ROUNDS[scale]; round++) {
      const measured = await oneSwitch();
      switches.push(measured);
      say(`  round ${round}: ${measured.killedToProbe.toFixed(1)} s to the third failed probe, then ${measured.probeToWrite.toFixed(1)} s`);
    }
    const seconds = (field: keyof Switch): readonly string[] => {
      const own = switches.map((each) => each[field]);
      return [median(own).toFixed(1), `${Math.min(...own).toFixed(1)}–${Math.max(...own).toFixed(1)}`];
    };
    return {
      title: 'From the third failed probe to the first acknowledged write at the other region',
      what: `SIGKILL of the active region's server under a client that reads and writes all the time; ${switches.length} switches, each on a stage of its own, with a lease of ${LEASE_SEC} s. The third failed probe is when the switch was decided, as the control record tells; the write is acknowledged when its client has the answer. The machine's clock, for both.`,
      columns: ['s', 'median', 'range'],
      rows: [
        ['from the kill to the third failed probe', ...seconds('killedToProbe')],
        ['from there to the first acknowledged write', ...seconds('probeToWrite')],
      ],
      goals: [below('the slowest, from the third failed probe', Math.max(...switches.map(({ probeToWrite }) => probeToWrite)), BOUND_SEC, 's')],
      notes: [
        `Nearly all of it is the lease of the former epoch (\`leaseSec\`, ${LEASE_SEC} s by default), which must run out before anybody may write.`,
      ],
      runs: {},
      figures: { seconds: median(switches.map(({ probeToWrite }) => probeToWrite)) },
    };
  },
};

async function oneSwitch(): Promise<Switch> {
  const stage = await Stage.set({ leaseSec: LEASE_SEC, mode: 'auto' });
  try {
    stage.client.start();
    await stage.acked(50, { withinMs: SWITCHED_WITHIN_MS });
    const killedAt = Date.now();
    await stage.primary.kill();
    const { ledger } = stage.client;
    await until(() => ledger.firstOf(2) !== undefined, { withinMs: SWITCHED_WITHIN_MS, what: 'a write is acknowledged in the next epoch' });
    const writtenAt = performance.timeOrigin + (ledger.firstOf(2)?.ended ?? Number.NaN);
    const { switches } = await stage.state();
    const decidedAt = switches.find(({ epoch }) => epoch === 2)?.at ?? Number.NaN;
    return { killedToProbe: (decidedAt - killedAt) / 1000, probeToWrite: (writtenAt - decidedAt) / 1000 };
  } finally {
    await stage.dispose();
  }
}
