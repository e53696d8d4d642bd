import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { TidemarkError } from '../../core/errors.ts';
import type { DiagnosedQueue } from '../../ports/diagnosis.ts';

/** @param region as AWS names it */
export function diagnosedQueue(name: string, url: string, region: string): DiagnosedQueue {
  return {
    name,
    redrives: async () => {
      const client = new SQSClient({ region });
      try {
        const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['RedrivePolicy'] }));
        return Attributes?.RedrivePolicy !== undefined;
      } catch (error) {
        const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
        const code = /AccessDenied|NotAuthorized|ExpiredToken|InvalidClientTokenId|Credentials/.test(kind) ? 'ACCESS_DENIED' : 'UNAVAILABLE';
        throw new TidemarkError(code, `sqs:GetQueueAttributes of ${url} failed: ${message}`, { url, region }, error);
      } finally {
        client.destroy();
      }
    },
  };
}
