import { asTidemarkError, TidemarkError } from '../../lib/core/errors.ts';
import type { Route } from '../../lib/core/routes/route.ts';
import { lookAtCanary } from '../../lib/usecases/look-at-canary.ts';
import type { Runtime } from './runtime.ts';

/** A side that takes requests and never answers must not keep the caller from all else that it does each minute. */
const MAX_LOOK_MS = 10_000;

/**
 * Of every route that sends any. Never throws: a canary that cannot be looked at has no delay, and the log says why.
 * @param canaries by the name of the route; kept as it is told
 */
export async function lookAtCanaries(runtime: Runtime, canaries: Map<string, number>): Promise<void> {
  await Promise.all(
    runtime.routes.map(async (route) => {
      const delayMs = await lookInTime(runtime, route).catch((thrown: unknown) => {
        const { code, message, fix } = asTidemarkError(thrown);
        runtime.log.warn('the canary of the route cannot be sent or seen', { route: route.name, code, error: message, fix });
        return undefined;
      });
      if (delayMs === undefined) canaries.delete(route.name);
      else canaries.set(route.name, delayMs);
    }),
  );
}

async function lookInTime(runtime: Runtime, route: Route): Promise<number | undefined> {
  const answered = new AbortController();
  const late = async (): Promise<never> => {
    await runtime.clock.sleep(MAX_LOOK_MS, answered.signal);
    throw new TidemarkError('UNAVAILABLE', `no answer within ${MAX_LOOK_MS / 1000} seconds`, { route: route.name });
  };
  try {
    return await Promise.race([lookAtCanary(runtime, route), late()]);
  } finally {
    answered.abort();
  }
}
