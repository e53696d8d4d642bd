import { ApiError } from '../client.ts';
import { visible } from '../text/visible.ts';

const FIX = 'Try again; if it stays, see whether that region answers: tidemark failover status.';

/** What a store said at a signed address, in its XML, or a gateway, in its JSON. */
export function storeRefusal({ origin }: URL, status: number, text: string): ApiError {
  const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
  const message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? /"detail":\s*"([^"]*)"/.exec(text)?.[1];
  const words = [String(status), code, message].filter((each) => each !== undefined).join(' ');
  return new ApiError(status, `${origin} refused the signed request (${visible(words)}). ${FIX}`, {});
}
