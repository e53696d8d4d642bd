/** JSON web tokens of the issuer that the configuration names. */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { TidemarkError } from '../../core/errors.ts';

export interface JwtTerms {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** @default where the issuer's OpenID configuration says */
  readonly jwksUrl?: string;
}

export interface Bearer {
  readonly subject: string;
  readonly scopes: readonly string[];
}

const DISCOVERY_LIMIT_MS = 5_000;

export class JwtVerifier {
  readonly #terms: JwtTerms;
  #keys: Promise<JWTVerifyGetKey> | null = null;

  constructor(terms: JwtTerms) {
    this.#terms = terms;
  }

  /**
   * @returns null for a token that is not to be believed: of another issuer, audience or algorithm, expired, or forged
   * @throws TidemarkError UNAVAILABLE where the issuer's keys cannot be had
   */
  async verify(token: string): Promise<Bearer | null> {
    const { issuer, audience, algorithms } = this.#terms;
    this.#keys ??= this.#discover();
    const keys = await this.#keys.catch((error: unknown) => {
      this.#keys = null;
      throw error;
    });
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms: [...algorithms], requiredClaims: ['exp', 'sub'] });
      return { subject: String(payload.sub), scopes: scopesOf(payload) };
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) throw unreachable(this.#terms.issuer, error);
      return null;
    }
  }

  async #discover(): Promise<JWTVerifyGetKey> {
    const { issuer, jwksUrl } = this.#terms;
    return createRemoteJWKSet(new URL(jwksUrl ?? (await jwksUrlOf(issuer))), { timeoutDuration: DISCOVERY_LIMIT_MS });
  }
}

async function jwksUrlOf(issuer: string): Promise<string> {
  try {
    const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(DISCOVERY_LIMIT_MS) });
    const found: unknown = await answer.json();
    const url: unknown = typeof found === 'object' && found !== null && 'jwks_uri' in found ? found.jwks_uri : undefined;
    if (typeof url === 'string') return url;
    throw new TypeError('its OpenID configuration names no jwks_uri');
  } catch (error) {
    throw unreachable(issuer, error);
  }
}

function unreachable(issuer: string, error: unknown): TidemarkError {
  const why = error instanceof Error ? error.message : String(error);
  return new TidemarkError('UNAVAILABLE', `the keys of ${issuer} cannot be had: ${why}`, { issuer }, error);
}

/** As OAuth writes them in `scope`, or some issuers as a list. */
function scopesOf({ scope, scp }: JWTPayload): readonly string[] {
  if (Array.isArray(scp)) return scp.map(String);
  return typeof scope === 'string' ? scope.split(' ') : [];
}
