import type { Drill } from '../support/drill.ts';
import { firstWrite, noSwitchBeyond, play } from '../support/play.ts';

export const frozenGateway: Drill = {
  name: 'frozen-gateway',
  what: 'Of two gateways one is stopped (SIGSTOP) with writes under way, a person switches at the other one, and the first one goes on long after its lease.',
  inShort: false,
  run: (form) =>
    play(form, { gateways: 2, mode: 'manual' }, async ({ stage, calm }) => {
      await calm();
      const frozen = stage.gateways[1]?.process;
      const faultAt = performance.now();
      frozen?.kill('SIGSTOP');
      await stage.promote(stage.secondary.name);
      await firstWrite(stage, 2);
      await calm();
      frozen?.kill('SIGCONT');
      await calm();
      await stage.ackedBy(1, { epoch: 2, withinMs: 60_000 });
      return { faultAt, epoch: 2, gatewaysOut: 'some', ...(await noSwitchBeyond(stage, 2)) };
    }),
};
