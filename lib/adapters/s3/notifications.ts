import { type FilterRule, GetBucketNotificationConfigurationCommand, type S3Client } from '@aws-sdk/client-s3';
import { TidemarkError } from '../../core/errors.ts';
import type { NotificationRule, Notifications } from '../../ports/diagnosis.ts';
import { attempt } from './errors.ts';

interface Configured {
  readonly Events?: readonly string[] | undefined;
  readonly Filter?: { readonly Key?: { readonly FilterRules?: readonly FilterRule[] | undefined } | undefined } | undefined;
}

/** Whom the bucket tells of its changes. @returns null where the store does not tell, or not us @throws TidemarkError */
export async function readNotifications(client: S3Client, bucket: string): Promise<Notifications | null> {
  try {
    const answer = await attempt({ operation: 'GetBucketNotificationConfiguration', bucket, side: 'source' }, undefined, () =>
      client.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket })),
    );
    const { QueueConfigurations = [], TopicConfigurations = [], LambdaFunctionConfigurations = [], EventBridgeConfiguration } = answer;
    return {
      rules: [
        ...QueueConfigurations.map((each) => ruleOf(each, each.QueueArn)),
        ...TopicConfigurations.map((each) => ruleOf(each, each.TopicArn)),
        ...LambdaFunctionConfigurations.map((each) => ruleOf(each, each.LambdaFunctionArn)),
      ],
      eventBridge: EventBridgeConfiguration !== undefined,
    };
  } catch (error) {
    if (error instanceof TidemarkError && (error.code === 'REJECTED' || error.code === 'ACCESS_DENIED')) return null;
    throw error;
  }
}

function ruleOf({ Events = [], Filter }: Configured, target: string = ''): NotificationRule {
  const filtered = (name: string): string => Filter?.Key?.FilterRules?.find(({ Name }) => Name?.toLowerCase() === name)?.Value ?? '';
  return { target, events: Events, prefix: filtered('prefix'), suffix: filtered('suffix') };
}
