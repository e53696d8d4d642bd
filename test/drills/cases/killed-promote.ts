import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Drill, Played } from '../support/drill.ts';
import { play } from '../support/play.ts';
import type { Stage } from '../support/stage.ts';

const ROUNDS = { full: 8, short: 2 } as const;
/** A promotion takes some tens of ms, more on a machine that has much to do. */
const WITHIN_MS = 150;

export const killedPromote: Drill = {
  name: 'killed-promote',
  what: 'Both gateways are killed (SIGKILL) somewhere in the midst of a promotion, and started again; and once more.',
  inShort: true,
  run: (form) =>
    play(form, { gateways: 2, leaseSec: 3, mode: 'manual' }, async ({ stage }) => {
      let made = 0;
      for (let round = 0; round < ROUNDS[form]; round++) {
        const before = await stage.state();
        const to = before.active === stage.primary.name ? stage.secondary : stage.primary;
        const asked = stage.promote(to.name, { at: round % 2 }).catch(() => undefined);
        await delay(randomInt(WITHIN_MS));
        await Promise.all(stage.gateways.map((gateway) => gateway.kill()));
        await asked;
        await Promise.all([stage.startGateway(0), stage.startGateway(1)]);
        await stage.acked(20, { withinMs: 60_000 });
        made += (await stage.state()).epoch - before.epoch;
      }
      return { gatewaysOut: 'all', ...(await everyEpochTold(stage, made)) };
    }),
};

/** No epoch without its entry in the audit trail, and none that skipped one. */
async function everyEpochTold(stage: Stage, made: number): Promise<Played> {
  const { epoch, active } = await stage.state();
  const told = (await stage.promotions()).map((each) => each.epoch);
  const broken: string[] = [];
  for (let each = 2; each <= epoch; each++) if (!told.includes(each)) broken.push(`epoch ${each} began, and no entry of the audit trail told of it`);
  if (epoch !== made + 1) broken.push(`${made} switches led to epoch ${epoch}`);
  const isOdd = epoch % 2 === 1;
  if ((active === stage.primary.name) !== isOdd) broken.push(`${active} is active in epoch ${epoch}`);
  return { broken };
}
