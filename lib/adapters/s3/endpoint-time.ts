import { HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { attempt } from './errors.ts';

/** The clock of the endpoint as its answers tell it, a refusal too. @returns ms since the epoch, whole seconds; null where it tells none */
export async function endpointTime(client: S3Client, bucket: string): Promise<number | null> {
  let told: string | undefined;
  const look = async (): Promise<void> => {
    const command = new HeadBucketCommand({ Bucket: bucket });
    command.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        told = dateOf(result.response);
        return result;
      },
      // Before an answer is taken for an error.
      { step: 'deserialize', priority: 'low', name: 'readDate' },
    );
    await client.send(command);
  };
  try {
    await attempt({ operation: 'HeadBucket', bucket, side: 'source' }, undefined, look);
  } catch (error) {
    if (told === undefined) throw error;
  }
  const time = Date.parse(told ?? '');
  return Number.isNaN(time) ? null : time;
}

function dateOf(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined;
  return typeof headers.date === 'string' ? headers.date : undefined;
}
