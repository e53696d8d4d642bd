/** The one table of prices that costs are computed with. */

/** When the authors wrote these down. They were not fetched: check them before you count on them. */
export const PRICES_OF = '2026-11';
export const PRICES_IN = 'us-east-1';

/** US dollars, list price, on demand, without a free tier or a discount. */
export const PRICES = {
  lambda: { perGbSecond: 0.0000133334, perMillionCalls: 0.2 },
  dynamodb: { perMillionWriteUnits: 0.625, perMillionReadUnits: 0.125, perGbMonth: 0.25, backupPerGbMonth: 0.2 },
  sqs: { perMillionRequests: 0.4 },
  apiGateway: { perMillionRequests: 1 },
  eventBridge: { perMillionEvents: 1 },
  s3ReplicationTimeControl: { perGb: 0.015 },
} as const;

export function priceRows(): readonly (readonly [string, string])[] {
  const { lambda, dynamodb, sqs, apiGateway, eventBridge, s3ReplicationTimeControl } = PRICES;
  return [
    ['Lambda on Arm', `$${lambda.perGbSecond} a GB-second, $${lambda.perMillionCalls.toFixed(2)} a million calls`],
    [
      'DynamoDB on demand',
      `$${dynamodb.perMillionWriteUnits} a million write units, $${dynamodb.perMillionReadUnits} a million read units, $${dynamodb.perGbMonth} a GB-month, backups (PITR) $${dynamodb.backupPerGbMonth.toFixed(2)} a GB-month`,
    ],
    ['SQS standard', `$${sqs.perMillionRequests.toFixed(2)} a million requests`],
    ['API Gateway, HTTP API', `$${apiGateway.perMillionRequests.toFixed(2)} a million requests`],
    ['EventBridge, events of S3', `$${eventBridge.perMillionEvents.toFixed(2)} a million events`],
    ['S3 Replication Time Control', `$${s3ReplicationTimeControl.perGb} a GB`],
  ];
}
