import { SmallDisk } from '../support/disk.ts';
import type { Drill } from '../support/drill.ts';
import { firstWrite, noSwitchBeyond, play } from '../support/play.ts';

export const fullRegion: Drill = {
  name: 'full-region',
  what: "The active region's disk is full: its bucket answers, so nobody switches by itself, and a person does. It is freed afterwards.",
  inShort: false,
  run: async (form) => {
    const disk = SmallDisk.mount(64);
    try {
      return await play(form, { regionFolder: disk.folder }, async ({ stage, calm }) => {
        await calm();
        disk.fill();
        const faultAt = performance.now();
        stage.client.isWithinReach = (key) => stage.secondary.holds(key);
        await calm();
        await stage.promote(stage.secondary.name);
        await firstWrite(stage, 2);
        await calm();
        disk.free();
        await calm();
        return { faultAt, epoch: 2, ...(await noSwitchBeyond(stage, 2)) };
      });
    } finally {
      disk.unmount();
    }
  },
};
