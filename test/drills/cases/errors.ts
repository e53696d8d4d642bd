import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from '../support/drill.ts';
import { noSwitchBeyond, play } from '../support/play.ts';

const SHARE = 0.5;
const SECONDS = 60;

export const errors: Drill = {
  name: 'errors',
  what: `The active region answers ${SHARE * 100} % of all requests with 500, for ${SECONDS} s. Three probes in a row may fail by chance: one switch is right, and none is.`,
  inShort: false,
  run: (form) =>
    play(form, { gated: true }, async ({ stage, calm }) => {
      await calm();
      stage.client.isWithinReach = (key) => stage.secondary.holds(key);
      stage.primary.gate.fails = () => (Math.random() < SHARE ? 500 : null);
      await delay(SECONDS * 1000);
      stage.primary.gate.fails = () => null;
      await calm();
      return noSwitchBeyond(stage, 2);
    }),
};
