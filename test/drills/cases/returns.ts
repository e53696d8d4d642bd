import { until } from '../../fixtures/until.ts';
import type { Drill } from '../support/drill.ts';
import { firstWrite, noSwitchBeyond, play } from '../support/play.ts';

export const returns: Drill = {
  name: 'returns',
  what: 'The active region is killed, and comes back in the midst of the switch: the epoch has begun, and takes no writes yet.',
  inShort: false,
  run: (form) =>
    play(form, {}, async ({ stage, calm }) => {
      await calm();
      const faultAt = performance.now();
      stage.client.isWithinReach = (key) => stage.secondary.holds(key);
      await stage.primary.kill();
      const isClosed = async (): Promise<boolean> => {
        const { epoch, writes } = await stage.state();
        return epoch === 2 && writes === 'closed';
      };
      await until(isClosed, { withinMs: 120_000, what: 'the switch is made, and writes are not open yet', everyMs: 100 });
      await stage.primary.startAgain();
      await firstWrite(stage, 2);
      await calm();
      await calm();
      return { faultAt, epoch: 2, ...(await noSwitchBeyond(stage, 2)) };
    }),
};
