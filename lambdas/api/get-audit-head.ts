/** GET /audit/head: the end of the chain, and what was signed of it last. */
import { endpoint } from './endpoint.ts';
import { auditHeadView } from './schemas/audit.ts';

export const getAuditHeadEndpoint = endpoint({
  name: 'getAuditHead',
  method: 'GET',
  path: '/audit/head',
  area: 'audit',
  summary: 'The end of the chain, and what was signed of it last',
  answers: { 200: { description: 'The end.', json: auditHeadView } },
  async handle(_request, { auditStore, auditHeads, auditMark }) {
    // Before the heads, of which one may be signed meanwhile: whoever compares the two must not find one missing.
    const signed = await auditMark?.read();
    const [tail, head] = await Promise.all([auditStore.tail(), auditHeads?.latest() ?? null]);
    return { status: 200, body: { length: tail?.sequence ?? 0, hash: tail?.hash ?? null, head, ...(signed === undefined ? {} : { signed }) } };
  },
});
