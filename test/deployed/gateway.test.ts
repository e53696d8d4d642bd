/** The gateway on AWS: an API and an observer in each of its two regions, one record that both decide by. */
import { expect, it } from 'vitest';
import { canonicalJson } from '../../lib/adapters/system/canonical-json.ts';
import { isEntry } from '../../lib/core/audit/entry.ts';
import type { SignedHead } from '../../lib/ports/audit.ts';
import { checkTrail } from '../../lib/usecases/audit/check-trail.ts';
import { seenHead } from '../../lib/usecases/audit/head.ts';
import { seenEntry } from '../../lib/usecases/audit/stored.ts';
import { describeDeployed, PATIENCE, Pair } from './client.ts';
import { DESTINATION_REGION, PAIRS, SOURCE_REGION } from './deployment.ts';
import { GatewayApi } from './gateway-api.ts';

const { source: HOME, destination: AWAY } = PAIRS.gateway;
/** More than Lambda answers, and less than it takes. */
const LARGE = Buffer.alloc(5_000_000, 'large ');

describeDeployed('a gateway', () => {
  const pair = new Pair('gateway');
  const home = new GatewayApi(HOME, SOURCE_REGION);
  const away = new GatewayApi(AWAY, DESTINATION_REGION);

  it('writes at the active region and reads there, from either region', async () => {
    const put = await away.send('PUT', '/objects/docs/read%20me.md', {
      body: '# Read me',
      headers: { 'content-type': 'text/markdown', 'x-amz-meta-author': 'Ada' },
    });
    expect(put).toMatchObject({ status: 201, headers: { 'x-tidemark-region': HOME } });
    expect(JSON.parse(put.text)).toMatchObject({ key: 'docs/read me.md', region: HOME, epoch: 1, size: 9 });

    for (const api of [home, away]) {
      const got = await api.send('GET', '/objects/docs/read%20me.md');
      expect(got).toMatchObject({
        status: 200,
        text: '# Read me',
        headers: { 'content-type': 'text/markdown', 'x-amz-meta-author': 'Ada', 'x-tidemark-served-by': 'active' },
      });
    }
    await pair.arrives('docs/read me.md', '# Read me');
    expect(await home.ask('GET', '/replication/docs/read%20me.md')).toMatchObject({ status: 200, body: { state: 'equal', active: HOME } });
  });
});
