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
  async handle(_request, { auditStore, auditHeads }) {
    const [tail, head] = await Promise.all([auditStore.tail(), auditHeads?.latest() ?? null]);
    return { status: 200, body: { length: tail?.sequence ?? 0, hash: tail?.hash ?? null, head } };
  },
});
