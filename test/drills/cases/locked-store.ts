import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Drill } from '../support/drill.ts';
import { noSwitchBeyond, play } from '../support/play.ts';

export const lockedStore: Drill = {
  name: 'locked-store',
  what: "Another program holds the lock of the gateway's own store for longer than the lease: nothing can be written there, the control record neither.",
  inShort: false,
  run: (form) =>
    play(form, {}, async ({ stage, calm }) => {
      await calm();
      const database = new DatabaseSync(join(stage.folder, 'tidemark.db'), { timeout: 5_000 });
      try {
        database.exec('BEGIN IMMEDIATE');
        await calm();
        await calm();
        database.exec('ROLLBACK');
      } finally {
        database.close();
      }
      await stage.acked(50, { withinMs: 60_000 });
      await calm();
      return noSwitchBeyond(stage, 1);
    }),
};
