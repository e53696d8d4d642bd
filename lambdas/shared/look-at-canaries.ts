import { asTidemarkError } from '../../lib/core/errors.ts';
import { lookAtCanary } from '../../lib/usecases/look-at-canary.ts';
import type { Runtime } from './runtime.ts';

/**
 * Of every route that sends any. Never throws: a canary that cannot be looked at has no delay, and the log says why.
 * @param canaries by the name of the route; kept as it is told
 */
export async function lookAtCanaries(runtime: Runtime, canaries: Map<string, number>): Promise<void> {
  await Promise.all(
    runtime.routes.map(async (route) => {
      const delayMs = await lookAtCanary(runtime, route).catch((thrown: unknown) => {
        const { code, message, fix } = asTidemarkError(thrown);
        runtime.log.warn('the canary of the route cannot be sent or seen', { route: route.name, code, error: message, fix });
        return undefined;
      });
      if (delayMs === undefined) canaries.delete(route.name);
      else canaries.set(route.name, delayMs);
    }),
  );
}
