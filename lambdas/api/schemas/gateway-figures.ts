import * as z from 'zod';
import { FAILOVER_STATES } from '../../../lib/core/gateway/health.ts';
import { count, region } from './parts.ts';

export const gatewayFigures = z
  .object({
    phase: z.nullable(z.enum(FAILOVER_STATES)).meta({ description: 'null: the control record was never read.' }),
    active: region,
    epoch: count,
    writes: z
      .enum(['open', 'closed', 'unknown'])
      .meta({ description: '`closed`: a switch is under way. `unknown`: the control record cannot be read.' }),
    failures: z.record(z.string(), count).meta({ description: 'By region: probes that failed in a row.' }),
  })
  .meta({
    id: 'GatewayFigures',
    description: 'Absent where no gateway is configured.',
    examples: [{ phase: 'healthy', active: 'primary', epoch: 1, writes: 'open', failures: { primary: 0, secondary: 0 } }],
  });
