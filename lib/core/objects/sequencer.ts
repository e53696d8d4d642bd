/**
 * Orders S3's sequencers of ONE key: hexadecimal of varying length, the shorter padded on the right with zeros, compared as strings.
 * @returns negative, 0 or positive; undefined where either is missing or no sequencer at all, since some stores send nonsense
 * Source: Amazon S3 User Guide, "Event message structure".
 */
export function compareSequencers(a: string | undefined, b: string | undefined): number | undefined {
  if (a === undefined || b === undefined || !isSequencer(a) || !isSequencer(b)) return undefined;
  const width = Math.max(a.length, b.length);
  const left = a.toUpperCase().padEnd(width, '0');
  const right = b.toUpperCase().padEnd(width, '0');
  return left < right ? -1 : left > right ? 1 : 0;
}

function isSequencer(text: string): boolean {
  return /^[0-9A-Fa-f]{1,64}$/.test(text);
}
