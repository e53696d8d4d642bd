/** The function of the clock. */
import { awsRuntime } from '../shared/aws-runtime.ts';
import { makeSweepHandler } from './handler.ts';

export const handler = makeSweepHandler(awsRuntime('sweep'));
