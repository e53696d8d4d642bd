import { SmallDisk } from '../support/disk.ts';
import type { Drill } from '../support/drill.ts';
import { noSwitchBeyond, play } from '../support/play.ts';

export const fullStore: Drill = {
  name: 'full-store',
  what: "The disk of the gateway's own store is full: its control record, its queue, its records. It is freed after a while.",
  inShort: false,
  run: async (form) => {
    const disk = SmallDisk.mount(64);
    try {
      return await play(form, { storeFolder: disk.folder }, async ({ stage, calm }) => {
        await calm();
        disk.fill();
        await calm();
        await calm();
        disk.free();
        await stage.acked(50, { withinMs: 60_000 });
        await calm();
        return noSwitchBeyond(stage, 1);
      });
    } finally {
      disk.unmount();
    }
  },
};
