/** Headers of a signed webhook, as Standard Webhooks has them (standardwebhooks.com): receivers find a verifier in most languages. */
import { createHmac } from 'node:crypto';
import { TidemarkError } from '../../core/errors.ts';

const PREFIX = 'whsec_';
const FEWEST_BYTES = 24;

/** @throws TidemarkError INVALID_CONFIG for what is no secret, without a word of it */
export function webhookSecret(text: string, variable: string): Buffer {
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const secret = Buffer.from(encoded, 'base64');
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && secret.length >= FEWEST_BYTES) return secret;
  throw new TidemarkError(
    'INVALID_CONFIG',
    `${variable}: a webhook's secret is ${FEWEST_BYTES} bytes or more in base64. Set it as by \`echo whsec_$(openssl rand -base64 32)\`.`,
    { variable },
  );
}

/** @param at ms since the epoch */
export function signedHeaders(secret: Buffer, id: string, body: string, at: number): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
