/** What stands in a function's runtime in place of what it has no rights to: whoever asks for it is at fault. */
import type { BackfillWorkflow } from '../../lib/usecases/backfill/deps.ts';
import type { Runtime } from './runtime.ts';

/** The API alone starts workflows. */
export const NO_WORKFLOW: BackfillWorkflow = {
  start: () => Promise.reject(new TypeError('this function starts no workflow')),
  stop: () => Promise.reject(new TypeError('this function stops no workflow')),
};

/** See aws-reports.ts. */
export const NO_REPORTS: Pick<Runtime, 'reports' | 'signer'> = {
  reports: { put: noReports, read: noReports, link: noReports },
  signer: { algorithm: 'ECDSA_SHA_256', publicKey: noReports, sign: noReports },
};

function noReports(): Promise<never> {
  return Promise.reject(new TypeError('this function keeps no reports'));
}
