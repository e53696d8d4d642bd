import type { DiagnosedEndpoint, Role } from '../../ports/diagnosis.ts';
import { chartOf, type Finding } from './finding.ts';

/** May the credential do what the region's routes need? One finding for each action that is refused. */
export async function checkPermissions(name: string, endpoint: DiagnosedEndpoint, roles: readonly Role[]): Promise<readonly Finding[]> {
  const chart = chartOf('permissions', `region ${name}`);
  const refused = await Promise.all(roles.map((role) => endpoint.denials(role)));
  const denials = new Map(refused.flat().map((denial) => [denial.action, denial]));
  if (denials.size === 0) return [chart.ok(`it may do what a ${roles.join(' and a ')} needs`)];
  return [...denials.values()].map(({ action, message, byKey }) =>
    byKey
      ? { ...chart.found('error', 'KMS_UNUSABLE', `${action} is refused by the KMS key: ${message}`, KEY_FIX), check: 'encryption' }
      : chart.found(
          'error',
          'PERMISSION_MISSING',
          `${action} is not allowed: ${message}`,
          `Allow ${action} to the credential of region ${name}, on this bucket.`,
        ),
  );
}

export const KEY_FIX = 'Allow kms:Decrypt and kms:GenerateDataKey on the key to this credential, enable the key, or name another one.';
