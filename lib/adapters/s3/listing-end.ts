import { TidemarkError } from '../../core/errors.ts';

/**
 * Where a listing goes on: nowhere at its end.
 * @throws TidemarkError REJECTED where there is more, and no token to ask for it with: taken for the end, the rest would count as absent
 */
export function nextOf(isTruncated: boolean, token: string | undefined): { readonly next?: string } {
  if (!isTruncated) return {};
  if (token) return { next: token };
  throw new TidemarkError('REJECTED', 'the store says that its listing goes on, and gives no token to go on with: it has no ListObjectsV2', {});
}
