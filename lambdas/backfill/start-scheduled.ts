import { type Schedule, startDue } from '../../lib/usecases/verify/schedule.ts';
import type { Runtime } from '../shared/runtime.ts';
import { noteMissing } from './note-missing.ts';

/** Several may be due at once: a few pages tell how far each is. */
const SAMPLE = { looks: 4, sampleMs: 5_000 };

/** @returns how many comparisons were due, and begun */
export async function startScheduled(runtime: Runtime, schedules: readonly Schedule[]): Promise<number> {
  const { log } = runtime;
  const { started, failed } = await startDue(runtime, schedules, SAMPLE);
  for (const { id, route, mode } of started) log.info('a comparison was started by the clock', { id, route, mode });
  for (const { error } of failed) await noteMissing(runtime, error);
  for (const { error, ...what } of failed) log.warn('a comparison could not be started', { ...what, code: error.code, error: error.message });
  return started.length;
}
