import type { Drill } from '../support/drill.ts';
import { play, switchAway } from '../support/play.ts';

export const hang: Drill = {
  name: 'hang',
  what: "SIGSTOP of the active region's server: it accepts and never answers. It goes on after the switch, with all that it was sent meanwhile.",
  inShort: true,
  run: (form) =>
    play(form, {}, async (acting) => {
      const { stage, calm } = acting;
      await calm();
      const faultAt = performance.now();
      stage.client.isWithinReach = (key) => stage.secondary.holds(key);
      stage.primary.freeze();
      const played = await switchAway(acting, faultAt);
      await calm();
      // The client rests right after: what lands late stays as it is, for the judgement.
      stage.primary.thaw();
      return played;
    }),
};
