import type { TidemarkError } from '../../lib/core/errors.ts';
import { checkSources } from '../../lib/usecases/check-source.ts';
import type { Runtime } from '../shared/runtime.ts';

/**
 * Called with what a listing failed by. Said while it is so: a bucket that is made anew must not find the deletes of the former one
 * flowing (O10), and where nothing else happens, a comparison is the only one to see that it was gone.
 */
export async function noteMissing(runtime: Runtime, { code }: Pick<TidemarkError, 'code'>): Promise<void> {
  if (code === 'BUCKET_MISSING') await checkSources(runtime);
}
