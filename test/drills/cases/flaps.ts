import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from '../support/drill.ts';
import { noSwitchBeyond, play } from '../support/play.ts';

const EVERY_MS = 20_000;
const TIMES = 3;

export const flaps: Drill = {
  name: 'flaps',
  what: `The active region refuses connections for ${EVERY_MS / 1000} s, is back for as long, and so on, ${TIMES} times. Three probes take longer: nobody may switch.`,
  inShort: false,
  run: (form) =>
    play(form, { gated: true }, async ({ stage, calm }) => {
      await calm();
      stage.client.isWithinReach = (key) => stage.secondary.holds(key);
      for (let time = 0; time < TIMES; time++) {
        await stage.primary.gate.shut();
        await delay(EVERY_MS);
        await stage.primary.gate.open();
        await delay(EVERY_MS);
      }
      return noSwitchBeyond(stage, 1);
    }),
};
