import { asTidemarkError } from '../../lib/core/errors.ts';
import { type Walked, type WalkTerms, walkRange } from '../../lib/usecases/backfill/walk.ts';
import type { Runtime } from '../shared/runtime.ts';
import { noteMissing } from './note-missing.ts';

/** @returns `later` where an endpoint is out of reach, which heals without anyone. @throws TidemarkError for all else */
export async function walkStep(runtime: Runtime, { id, index }: { readonly id: string; readonly index: number }, terms: WalkTerms): Promise<Walked> {
  try {
    return await walkRange(runtime, id, index, terms);
  } catch (thrown) {
    const error = asTidemarkError(thrown);
    await noteMissing(runtime, error);
    runtime.log.warn('a range of a backfill could not be walked', { id, index, code: error.code, error: error.message });
    if (error.patience === 'patient') return { state: 'later' };
    throw error;
  }
}
