/** GET /audit: what was done, by whom; the oldest first. */
import * as z from 'zod';
import { canonicalJson } from '../../lib/adapters/system/canonical-json.ts';
import { strict } from '../../lib/config/field-problems.ts';
import { listAudit } from '../../lib/usecases/audit/list.ts';
import { parsedEntry } from '../../lib/usecases/audit/stored.ts';
import { endpoint } from './endpoint.ts';
import { wholeNumber } from './fields.ts';
import { auditPage } from './schemas/audit.ts';

const DEFAULT_LIMIT = 100;
const MAX_PLACE = 999_999_999_999_999;

export const listAuditEndpoint = endpoint({
  name: 'listAudit',
  method: 'GET',
  path: '/audit',
  area: 'audit',
  summary: 'What was done, and by whom; the oldest first',
  description: 'Each entry names the hash of the one before it. `tidemark audit verify` checks them all.',
  query: strict({
    after: wholeNumber(-MAX_PLACE, MAX_PLACE, 'Only entries of a greater sequence; unless given, all that stand there.'),
    limit: wholeNumber(1, 500, `How many at most; ${DEFAULT_LIMIT} unless given.`),
    action: z
      .optional(z.string().min(1).max(100))
      .meta({ description: 'Only those, as `pauseRoute`; with what came of them. An entry that cannot be read is shown whatever is asked for.' }),
  }),
  answers: { 200: { description: 'A page of them.', json: auditPage } },
  async handle({ query: { after, limit = DEFAULT_LIMIT, action } }, { auditStore }) {
    const { entries, next } = await listAudit(auditStore, canonicalJson, { after, limit, action });
    const shown = entries.map((stored) => {
      const { sequence, hash, text } = stored;
      const entry = parsedEntry(canonicalJson, stored);
      return { sequence, hash, entry, ...(entry ? {} : { text }) };
    });
    return { status: 200, body: { entries: shown, ...(next === undefined ? {} : { next }) } };
  },
});
