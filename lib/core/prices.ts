/** The one table of prices that costs are computed with. */

/** When the authors wrote these down. They were not fetched: check them before you count on them. */
export const PRICES_OF = '2026-11';
export const PRICES_IN = 'us-east-1';

/** US dollars, list price, on demand, without a free tier or a discount. */
export const PRICES = {
  lambda: { perGbSecond: 0.0000133334, perMillionCalls: 0.2 },
  dynamodb: { perMillionWriteUnits: 0.625, perMillionReadUnits: 0.125, perGbMonth: 0.25, backupPerGbMonth: 0.2 },
  sqs: { perMillionRequests: 0.4 },
  cloudWatch: { perLogGb: 0.5, perMetricMonth: 0.3, perAlarmMonth: 0.1, perDashboardMonth: 3 },
  apiGateway: { perMillionRequests: 1 },
  eventBridge: { perMillionEvents: 1 },
  s3ReplicationTimeControl: { perGb: 0.015 },
  /** Of the class STANDARD. `writes` are PUT, COPY, POST and LIST; `reads` all others. */
  s3: { perThousandWrites: 0.005, perThousandReads: 0.0004 },
  /** Out of one region of AWS into another. */
  transfer: { perGb: 0.02 },
  s3BatchOperations: { perJob: 0.25, perMillionObjects: 1, perMillionListed: 0.015 },
  stepFunctions: { perThousandTransitions: 0.025 },
} as const;
