/** The whole embedded host, until the bench tells it to stop. */
import { startHost } from '../../../lib/local/host.ts';
import type { HostJob } from '../support/host.ts';
import { jobOf, tell } from '../support/worker.ts';

const { config, databaseUrl, gatewayAlone = false } = jobOf<HostJob>();
const env = { ...process.env, LOG_LEVEL: 'warn' };
const host = await startHost({ config, host: { port: 0, host: '127.0.0.1', databaseUrl }, env, gatewayAlone });
process.once('message', async () => {
  await host.stop();
  process.exit(0);
});
await tell(host.url);
