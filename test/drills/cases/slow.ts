import { setTimeout as delay } from 'node:timers/promises';
import type { Drill } from '../support/drill.ts';
import { noSwitchBeyond, play } from '../support/play.ts';

const SECONDS = 60;

export const slow: Drill = {
  name: 'slow',
  what: `Each request to the active region takes 2 s longer, for ${SECONDS} s. That is no failure: nobody may switch.`,
  inShort: false,
  run: (form) =>
    play(form, { gated: true }, async ({ stage, calm }) => {
      await calm();
      stage.client.isWithinReach = (key) => stage.secondary.holds(key);
      stage.primary.gate.latencyMs = 2_000;
      await delay(SECONDS * 1000);
      stage.primary.gate.latencyMs = 0;
      await calm();
      return noSwitchBeyond(stage, 1);
    }),
};
