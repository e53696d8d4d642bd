import canonicalize from 'canonicalize';

/** The one text of a JSON value (RFC 8785). @throws Error for what has none: a lone surrogate, a number that is not finite */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only what JSON can tell has a canonical form');
  return text;
}
