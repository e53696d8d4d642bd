/** Commands for a shell, as people paste them. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { PYTHON } from '../fixtures/emulator.ts';
import type { Deployment } from './deployment.ts';

const STAND_IN = join(import.meta.dirname, 'emulator/aws_cli.py');

/** Types what was printed to change what the bucket notifies. @throws Error when nothing was, or with what went wrong */
export async function followAdvice(printed: string, bucket: string, deployment: Deployment): Promise<void> {
  const line = printed.split('\n').find((each) => each.includes(`aws s3api put-bucket-notification-configuration --bucket ${bucket} `));
  if (line === undefined) throw new Error(`no command was printed: ${printed}`);
  await typed(line, deployment);
}

/** Runs the line in a shell that knows the few commands of the AWS CLI that are printed. @throws Error with what went wrong */
function typed(line: string, { endpoint, certificatePath, credentials }: Deployment): Promise<void> {
  const env = {
    PATH: process.env.PATH ?? '',
    PYTHONDONTWRITEBYTECODE: '1',
    AWS_ENDPOINT_URL: endpoint,
    AWS_CA_BUNDLE: certificatePath,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  const script = `set -e; aws() { '${PYTHON}' '${STAND_IN}' "$@"; }; ${line}`;
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', script], { env }, (error, stdout, stderr) => (error ? reject(new Error(`${line}\n${stdout}\n${stderr}`)) : resolve()));
  });
}
