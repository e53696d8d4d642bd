import * as z from 'zod';
import { gatewayFigures } from './gateway-figures.ts';

const check = z.object({
  what: z.string().meta({ description: 'As `region primary`, `deletes of route primary-secondary`, `scheduled verify of route primary-secondary`.' }),
  ok: z.boolean(),
  code: z.optional(z.string()),
  message: z.optional(z.string()),
  fix: z.optional(z.string()).meta({ description: 'What to do.' }),
});

export const healthyView = z
  .object({ status: z.literal('ok'), checks: z.array(check), gateway: z.optional(gatewayFigures) })
  .meta({ id: 'Healthy', examples: [{ status: 'ok', checks: [{ what: 'region primary', ok: true }] }] });

const FAILED = {
  what: 'region primary',
  ok: false,
  code: 'BUCKET_MISSING',
  message: 'the folder is not there',
  fix: 'Create the bucket, mount the folder, or correct its name in the configuration. Nothing is deleted meanwhile.',
};

export const failingView = z
  .object({ status: z.literal('failing'), checks: z.array(check), gateway: z.optional(gatewayFigures) })
  .meta({ id: 'Failing', examples: [{ status: 'failing', checks: [FAILED] }] });
