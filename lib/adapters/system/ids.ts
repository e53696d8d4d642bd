import { v7 } from 'uuid';
import type { Ids } from '../../ports/system.ts';

/** UUIDs of version 7, which sort by the time they were made. */
export class SystemIds implements Ids {
  next(): string {
    return v7();
  }

  random(): number {
    return Math.random();
  }
}
