import { asTidemarkError } from '../../core/errors.ts';
import type { Route } from '../../core/routes/route.ts';
import type { DiagnosedEndpoint } from '../../ports/diagnosis.ts';
import { chartOf, type Finding } from './finding.ts';
import { KEY_FIX } from './permissions.ts';

/** Can what the route writes be encrypted with the key that it names? */
export async function checkEncryption(route: Route, destination: DiagnosedEndpoint): Promise<Finding> {
  const chart = chartOf('encryption', `route ${route.name}`);
  try {
    await destination.encrypt(route);
    return chart.ok('its KMS key can be used');
  } catch (error) {
    return chart.found('error', 'KMS_UNUSABLE', `its KMS key cannot be used: ${asTidemarkError(error).message}`, KEY_FIX);
  }
}
