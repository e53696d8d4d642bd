/**
 * Where an object lies at a gateway: slashes stand as they are, unless a part between them means another folder to whoever reads an address.
 * @returns null for a key that no address can name
 */
export function objectPath(key: string): string | null {
  const parts = key.split('/');
  if (!parts.some((part) => part === '.' || part === '..')) return `/objects/${parts.map(encodeURIComponent).join('/')}`;
  return parts.length > 1 ? `/objects/${encodeURIComponent(key)}` : null;
}
