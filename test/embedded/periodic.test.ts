import { afterEach, describe, expect, it } from 'vitest';
import { Periodic } from '../../lib/local/periodic.ts';
import { ManualClock } from '../contract/manual-clock.ts';

const EVERY_MS = 60_000;
const clock = new ManualClock();
let errors: string[] = [];
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (message: string) => void errors.push(message) };
let task: Periodic;

function start(run: (signal: AbortSignal) => Promise<void>, fromBegin = false): void {
  errors = [];
  task = new Periodic({ name: 'the task', everyMs: EVERY_MS, fromBegin, clock, log }, run);
  task.start();
}

afterEach(() => task.stop());

const asleep = (): Promise<void> => expect.poll(() => clock.sleeping).toBe(1);

describe('a periodic task', () => {
  it('runs at once, and then from time to time', async () => {
    let runs = 0;
    start(async () => void runs++);
    await asleep();
    expect(runs).toBe(1);

    clock.advance(EVERY_MS - 1);
    expect(clock.sleeping).toBe(1);
    clock.advance(1);

    await expect.poll(() => runs).toBe(2);
  });

  it('runs from time to time whatever a run takes, where that is counted from the begin', async () => {
    const takesMs = [EVERY_MS / 3, 2 * EVERY_MS, 0];
    let runs = 0;
    start(async () => clock.advance(takesMs[runs++] ?? 0), true);
    await asleep();

    clock.advance((2 / 3) * EVERY_MS - 1);
    expect(clock.sleeping).toBe(1);
    clock.advance(1);

    // The second takes longer than that: the third follows at once.
    await expect.poll(() => runs).toBe(3);
  });

  it('never overlaps itself', async () => {
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    start(async () => {
      most = Math.max(most, ++running);
      await gate.promise;
      running--;
    });
    task.soon();
    clock.advance(10 * EVERY_MS);
    gate.resolve();
    await expect.poll(() => clock.sleeping).toBe(1);

    expect(most).toBe(1);
  });

  it('goes on after a run that failed, and says so', async () => {
    let runs = 0;
    start(async () => {
      if (runs++ === 0) throw new Error('the first fails');
    });
    await asleep();
    clock.advance(EVERY_MS);

    await expect.poll(() => runs).toBe(2);
    expect(errors).toEqual(['the task failed; it runs again']);
  });

  it('runs soon when it is asked to, once for many askings', async () => {
    let runs = 0;
    start(async () => void runs++);
    await asleep();

    for (let n = 0; n < 10; n++) task.soon();
    await asleep();
    clock.advance(1_000);
    await expect.poll(() => runs).toBe(2);
    await asleep();
    clock.advance(1_000);

    expect(runs).toBe(2);
  });

  it('runs once more when it was asked during a run', async () => {
    let runs = 0;
    const gate = Promise.withResolvers<void>();
    start(async () => {
      if (++runs === 1) await gate.promise;
    });
    task.soon();
    gate.resolve();
    await asleep();
    clock.advance(1_000);

    await expect.poll(() => runs).toBe(2);
  });

  it('ends with the run that is under way, which learns of it', async () => {
    let told = false;
    start(
      (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            told = true;
            resolve();
          });
        }),
    );

    await task.stop();

    expect(told).toBe(true);
    expect(clock.sleeping).toBe(0);
  });
});
