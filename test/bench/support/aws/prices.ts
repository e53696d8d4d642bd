/** The prices as rows of a table. */
import { PRICES } from '../../../../lib/core/prices.ts';

export { PRICES, PRICES_IN, PRICES_OF } from '../../../../lib/core/prices.ts';

export function priceRows(): readonly (readonly [string, string])[] {
  const { lambda, dynamodb, sqs, cloudWatch, apiGateway, eventBridge, s3ReplicationTimeControl } = PRICES;
  return [
    ['Lambda on Arm', `$${lambda.perGbSecond} a GB-second, $${lambda.perMillionCalls.toFixed(2)} a million calls`],
    [
      'DynamoDB on demand',
      `$${dynamodb.perMillionWriteUnits} a million write units, $${dynamodb.perMillionReadUnits} a million read units, $${dynamodb.perGbMonth} a GB-month, backups (PITR) $${dynamodb.backupPerGbMonth.toFixed(2)} a GB-month`,
    ],
    ['SQS standard', `$${sqs.perMillionRequests.toFixed(2)} a million requests`],
    [
      'CloudWatch',
      `$${cloudWatch.perLogGb.toFixed(2)} a GB of logs, $${cloudWatch.perMetricMonth.toFixed(2)} a metric, $${cloudWatch.perAlarmMonth.toFixed(2)} an alarm and $${cloudWatch.perDashboardMonth.toFixed(2)} a dashboard a month`,
    ],
    ['API Gateway, HTTP API', `$${apiGateway.perMillionRequests.toFixed(2)} a million requests`],
    ['EventBridge, events of S3', `$${eventBridge.perMillionEvents.toFixed(2)} a million events`],
    ['S3 Replication Time Control', `$${s3ReplicationTimeControl.perGb} a GB`],
  ];
}
