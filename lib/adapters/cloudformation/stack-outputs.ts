/** What a deployed stack gives out. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { TidemarkError } from '../../core/errors.ts';

export type StackOutputs = Readonly<Record<string, string>>;

/**
 * @param region as AWS names it; undefined: that of the environment or the profile
 * @throws TidemarkError BUCKET_MISSING never; INVALID_INPUT when there is no such stack, ACCESS_DENIED, UNAVAILABLE
 */
export async function readOutputs(stack: string, region: string | undefined): Promise<StackOutputs> {
  const client = new CloudFormationClient(region === undefined ? {} : { region });
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return Object.fromEntries(outputs.flatMap(({ OutputKey, OutputValue }) => (OutputKey && OutputValue ? [[OutputKey, OutputValue]] : [])));
  } catch (error) {
    throw translated(error, stack, region);
  } finally {
    client.destroy();
  }
}

/** @returns the region that clients take when none is named */
export async function regionInUse(region: string | undefined): Promise<string> {
  const client = new CloudFormationClient(region === undefined ? {} : { region });
  try {
    return await client.config.region();
  } finally {
    client.destroy();
  }
}

function translated(error: unknown, stack: string, region: string | undefined): TidemarkError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const fields = { stack, region };
  const where = region === undefined ? '' : ` in ${region}`;
  if (/does not exist/.test(message)) {
    return new TidemarkError(
      'INVALID_INPUT',
      `--stack: there is no stack ${stack}${where}. Name one that \`npm run deploy\` made, and its --region.`,
      fields,
      error,
    );
  }
  if (message.includes('Region is missing')) {
    return new TidemarkError(
      'INVALID_INPUT',
      '--region: none is given. Give the region of the stack, as --region eu-west-1, or set AWS_REGION.',
      fields,
      error,
    );
  }
  if (name === 'CredentialsProviderError') {
    return new TidemarkError('ACCESS_DENIED', `there are no AWS credentials (${message}): run \`aws sso login\`, or set AWS_PROFILE`, fields, error);
  }
  if (/AccessDenied|UnrecognizedClient|InvalidClientTokenId|ExpiredToken|SignatureDoesNotMatch/.test(name)) {
    return new TidemarkError(
      'ACCESS_DENIED',
      `stack ${stack}${where} may not be read (${message}): it needs cloudformation:DescribeStacks`,
      fields,
      error,
    );
  }
  return new TidemarkError('UNAVAILABLE', `CloudFormation did not tell of stack ${stack}${where}: ${message}`, fields, error);
}
