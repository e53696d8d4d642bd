const RESERVED_STARTS = ['xn--', 'sthree-'];
const RESERVED_ENDS = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];

/**
 * S3's rules for names of general purpose buckets.
 * @returns why this is none, or null when it is one
 */
export function bucketNameProblem(name: string): string | null {
  if (name.length < 3 || name.length > 63) return `a bucket name has 3 to 63 characters, this one ${name.length}`;
  if (!/^[a-z0-9.-]+$/.test(name)) return 'a bucket name holds lowercase letters, digits, dots and hyphens alone';
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return 'a bucket name begins and ends with a letter or a digit';
  if (name.includes('..')) return 'a bucket name holds no two dots in a row';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return 'a bucket name is no IP address';
  const reserved = RESERVED_STARTS.find((start) => name.startsWith(start)) ?? RESERVED_ENDS.find((end) => name.endsWith(end));
  return reserved === undefined ? null : `bucket names with ${JSON.stringify(reserved)} are reserved by S3`;
}
