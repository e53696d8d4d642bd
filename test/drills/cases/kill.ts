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
      stage.client.isWithinReach = (key) => stage.secondary.holds(key);
      await stage.primary.kill();
      const played = await switchAway(acting, faultAt);
      await calm();
      await stage.primary.startAgain();
      await calm();
      return played;
    }),
};
