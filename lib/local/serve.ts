/** `tidemark serve`: runs the embedded host until it is told to stop. */

import { loadTidemark } from '../config/load.ts';
import type { Environment } from '../config/variable.ts';
import { asTidemarkError } from '../core/errors.ts';
import { banner } from './banner.ts';
import { type RunningHost, startHost } from './host.ts';

const BAD_CONFIG = 2;
/** As a shell shows a process that SIGINT ended. */
const INTERRUPTED = 130;

/** @returns the exit code, once it has stopped. @throws TidemarkError when it cannot run here */
export async function serve(env: Environment, { gatewayAlone = false } = {}): Promise<number> {
  let loaded: Awaited<ReturnType<typeof loadTidemark>>;
  try {
    loaded = await loadTidemark(process.cwd(), env, { gatewayAlone });
  } catch (error) {
    process.stderr.write(`tidemark: ${asTidemarkError(error).message}\n`);
    return BAD_CONFIG;
  }
  const told = stopSignal();
  const running: RunningHost = await startHost({ ...loaded, env, gatewayAlone });
  process.stdout.write(banner(loaded.config, running.url, loaded.host.apiToken !== undefined, gatewayAlone));
  await told;
  process.stdout.write(gatewayAlone ? '\nStopping.\n' : '\nStopping; what is not finished stays in the queue.\n');
  await running.stop();
  return 0;
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once, which loses nothing either. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let told = false;
    const stop = (): void => {
      if (told) process.exit(INTERRUPTED);
      told = true;
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
