/** The drills in their short form: a person switches, since three probes take the better part of a minute. `npm run drill` runs them whole. */
import { describe, expect, it } from 'vitest';
import { serverAvailable } from '../fixtures/s3-servers.ts';
import { DRILLS } from './cases/index.ts';

const available = serverAvailable('versitygw');

describe.skipIf(!available)('when a region, a gateway or a disk fails', () => {
  it.each(DRILLS.filter(({ inShort }) => inShort))(
    '$name: nothing is lost, nothing is split, and reads go on',
    async (drill) => {
      const { broken, failures } = await drill.run('short');

      expect(broken, failures.join('\n')).toEqual([]);
    },
    240_000,
  );
});
