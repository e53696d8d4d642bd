import type { DiagnosedRegion } from '../../ports/diagnosis.ts';
import { chartOf, type Finding } from './finding.ts';

/** Is it there? What is not makes all else about it unknowable. */
export async function checkBucket(name: string, region: DiagnosedRegion): Promise<Finding> {
  const chart = chartOf('bucket', `region ${name}`);
  try {
    await region.check();
    return chart.ok('it is there and answers');
  } catch (error) {
    return chart.unseen(error);
  }
}
