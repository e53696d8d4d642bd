import type { Capabilities } from '../../ports/objects.ts';
import { chartOf, type Finding } from './finding.ts';

/** Replication needs no versions; people who delete by mistake do. */
export function checkVersioning(name: string, { versioned }: Capabilities): Finding {
  const chart = chartOf('versioning', `region ${name}`);
  if (versioned) return chart.ok('the bucket keeps versions');
  return chart.found(
    'warning',
    'VERSIONING_OFF',
    'the bucket keeps no versions: what is overwritten or deleted, by mistake too, is gone',
    'Turn versioning on where what was lost must come back; replication does not need it.',
  );
}
