/** GET /verify/{id}/report: the signed report. */
import { linkOfReport } from '../../lib/usecases/verify/view.ts';
import { RequestError } from '../shared/problem.ts';
import { endpoint } from './endpoint.ts';
import { noSuchVerify, verifyParams } from './verify-view.ts';

export const getReportEndpoint = endpoint({
  name: 'getReport',
  method: 'GET',
  path: '/verify/{id}/report',
  area: 'verify',
  summary: 'The signed report',
  description: 'JSON lines: a header, each difference, a summary, and a signature over all of them.',
  params: verifyParams,
  answers: {
    307: {
      description: 'Where it lies.',
      headers: { location: 'On AWS a link that is good for fifteen minutes; else a path of this host, which asks for the same token.' },
    },
  },
  refusals: { 404: 'There is no such comparison.', 409: 'It has no report: it runs, or was ended before.' },
  async handle({ params }, runtime) {
    const report = await linkOfReport(runtime, params.id);
    if (report === null) throw noSuchVerify();
    if (report.link !== null) return { status: 307, headers: { location: report.link } };
    const fix =
      report.status === 'running'
        ? `Ask again when it is done: tidemark verify watch ${params.id} (GET /verify/${params.id}).`
        : 'Start another one.';
    throw new RequestError(409, `id: it has no report, it is ${report.status}. ${fix}`, [{ field: 'id', message: 'it has no report', fix }]);
  },
});
