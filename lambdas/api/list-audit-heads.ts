/** GET /audit/heads: what was signed of the chain, the newest first. */
import { strict } from '../../lib/config/field-problems.ts';
import { endpoint } from './endpoint.ts';
import { wholeNumber } from './fields.ts';
import { auditHeadPage } from './schemas/audit.ts';

const DEFAULT_LIMIT = 100;
const MAX_LENGTH = 999_999_999_999_999;

export const listAuditHeadsEndpoint = endpoint({
  name: 'listAuditHeads',
  method: 'GET',
  path: '/audit/heads',
  area: 'audit',
  summary: 'What was signed of the chain, the newest first',
  description: 'Each minute in which something was appended ends with one. They lie apart from the chain.',
  query: strict({
    before: wholeNumber(1, MAX_LENGTH, 'Only heads of a smaller length.'),
    limit: wholeNumber(1, 500, `How many at most; ${DEFAULT_LIMIT} unless given.`),
  }),
  answers: { 200: { description: 'A page of them.', json: auditHeadPage } },
  async handle({ query: { before = Number.POSITIVE_INFINITY, limit = DEFAULT_LIMIT } }, { auditHeads }) {
    const heads = (await auditHeads?.page(before, limit)) ?? [];
    const last = heads.length < limit ? undefined : heads.at(-1);
    return { status: 200, body: { heads, ...(last ? { next: last.length } : {}) } };
  },
});
