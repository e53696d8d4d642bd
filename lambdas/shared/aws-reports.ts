/** Where the functions that compare keep their reports, and what signs them. Apart, so that no other function carries it. */
import { KMSClient } from '@aws-sdk/client-kms';
import { KmsSigner } from '../../lib/adapters/kms/signer.ts';
import { createS3Region } from '../../lib/adapters/s3/index.ts';
import { S3Reports } from '../../lib/adapters/s3/reports.ts';
import { readFunctionEnv } from '../../lib/config/function-env.ts';
import { type Environment, variable } from '../../lib/config/variable.ts';
import { TidemarkError } from '../../lib/core/errors.ts';
import { TIMEOUTS } from './aws-timeouts.ts';
import type { Runtime } from './runtime.ts';

/** @throws TidemarkError INVALID_CONFIG when the environment is not the one that the stack sets */
export function awsReports(env: Environment = process.env): Pick<Runtime, 'reports' | 'signer'> {
  const { reportsBucket, reportKeyId } = readFunctionEnv(env);
  const region = variable(env, 'AWS_REGION');
  if (reportsBucket === undefined || reportKeyId === undefined || region === undefined) {
    throw new TidemarkError(
      'INVALID_CONFIG',
      'the function was not told where reports lie. Deploy the stack again: it sets what its functions need.',
    );
  }
  const endpoint = variable(env, 'AWS_ENDPOINT_URL_S3') ?? variable(env, 'AWS_ENDPOINT_URL');
  const store = createS3Region({ region, ...(endpoint === undefined ? {} : { endpoint }) });
  return { reports: new S3Reports(store.bucket(reportsBucket)), signer: new KmsSigner(new KMSClient({ requestHandler: TIMEOUTS }), reportKeyId) };
}
