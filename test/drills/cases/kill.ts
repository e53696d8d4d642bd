import type { Drill } from '../support/drill.ts';
import { play, switchAway } from '../support/play.ts';

export const kill: Drill = {
  name: 'kill',
  what: "SIGKILL of the active region's server, which is started again after the switch.",
  inShort: true,
  run: (form) =>
    play(form, {}, async (acting) => {
      const { stage, calm } = acting;
      await calm();
      const faultAt = performance.now();
      await stage.primary.kill();
      await stage.noteUncrossed(stage.secondary);
      const played = await switchAway(acting, { faultAt, epoch: 2 });
      await calm();
      await stage.primary.startAgain();
      await calm();
      return played;
    }),
};
