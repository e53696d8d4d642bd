import type { Drill } from '../support/drill.ts';
import { firstWrite, noSwitchBeyond, play } from '../support/play.ts';

export const twoGateways: Drill = {
  name: 'two-gateways',
  what: 'Nothing fails: under load a person switches at one of two gateways, and back at the other one.',
  inShort: true,
  run: (form) =>
    play(form, { gateways: 2, mode: 'manual' }, async ({ stage, calm }) => {
      await calm();
      const faultAt = performance.now();
      await stage.promote(stage.secondary.name, { at: 0 });
      await firstWrite(stage, 2);
      await calm();
      await stage.promote(stage.primary.name, { at: 1 });
      await firstWrite(stage, 3);
      await calm();
      return { faultAt, epoch: 2, ...(await noSwitchBeyond(stage, 3)) };
    }),
};
