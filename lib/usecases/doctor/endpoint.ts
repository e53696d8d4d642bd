import type { Capabilities } from '../../ports/objects.ts';
import { chartOf, type Finding } from './finding.ts';

const WRITES = { conditionalPut: 'PUT', conditionalCopy: 'copy', conditionalDelete: 'DELETE' } as const;

/** What an endpoint lacks is never unsafe, but slower, or proven by less. Of a read-only credential nothing is known. */
export function checkEndpoint(name: string, capabilities: Capabilities): readonly Finding[] {
  const chart = chartOf('endpoint', `region ${name}`);
  if (!capabilities.writable) return [chart.ok('it is read alone: what else it can do is not tried')];
  const lacking = Object.entries(WRITES).flatMap(([capability, request]) => (capabilities[capability as keyof typeof WRITES] ? [] : [request]));
  const findings: Finding[] = [];
  if (lacking.length > 0) {
    findings.push(
      chart.found(
        'info',
        'NO_CONDITIONAL_WRITES',
        `it ignores the conditions of ${lacking.join(', ')}: every key is leased there, which costs two writes of the record more`,
        'Nothing must be done, as long as Tidemark alone writes there. A store that heeds If-Match and If-None-Match is faster.',
      ),
    );
  }
  if (!capabilities.checksums) {
    findings.push(
      chart.found(
        'warning',
        'NO_CHECKSUMS',
        'it keeps no full-object checksums (CRC64NVME): copies are proven by their etags, and those that the store makes itself of uploads in parts by its word',
        'Compare the bytes now and then with `tidemark verify --deep`, or choose a store that keeps checksums.',
      ),
    );
  }
  return findings.length > 0 ? findings : [chart.ok('it heeds conditions and keeps checksums')];
}
