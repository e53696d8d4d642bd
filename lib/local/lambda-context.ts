import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';

/**
 * What Lambda tells a function of its invocation.
 * @param timeLimitMs how long it may run; the handler ends its work before that by itself
 */
export function lambdaContext(functionName: string, timeLimitMs: number, requestId: string = randomUUID()): Context {
  const end = performance.now() + timeLimitMs;
  const ignored = (): void => undefined;
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: '0',
    awsRequestId: requestId,
    logGroupName: functionName,
    logStreamName: 'embedded',
    getRemainingTimeInMillis: () => Math.max(0, end - performance.now()),
    done: ignored,
    fail: ignored,
    succeed: ignored,
  };
}
