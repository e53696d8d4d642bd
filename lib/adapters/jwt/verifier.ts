/** JSON web tokens of the issuer that the configuration names. */
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { TidemarkError } from '../../core/errors.ts';
import type { SteadyClock } from '../../ports/system.ts';

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
type RemoteKeys = ReturnType<typeof createRemoteJWKSet>;

/** Anybody may send what looks like a token: an issuer that fails is asked again after this alone. */
const FAILED_FOR_MS = 5_000;

export class JwtVerifier {
  readonly #terms: JwtTerms;
  readonly #clock: Pick<SteadyClock, 'monotonic'>;
  #keys: RemoteKeys | null = null;
  #discovery: Promise<RemoteKeys> | null = null;
  #failed: { readonly at: number; readonly why: unknown } | null = null;

  constructor(terms: JwtTerms, clock: Pick<SteadyClock, 'monotonic'>) {
    this.#terms = terms;
    this.#clock = clock;
  }

  /**
   * @returns null for a token that is not to be believed: of another issuer, audience or algorithm, expired, or forged
   * @throws TidemarkError UNAVAILABLE where the issuer's keys cannot be had
   */
  async verify(token: string): Promise<Bearer | null> {
    const { issuer, audience, algorithms } = this.#terms;
    try {
      const { payload } = await jwtVerify(token, this.#keyOf, { issuer, audience, algorithms: [...algorithms], requiredClaims: ['exp', 'sub'] });
      return { subject: String(payload.sub), scopes: scopesOf(payload) };
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }

  /** Asked for what reads as a token of a pinned algorithm alone. */
  readonly #keyOf: JWTVerifyGetKey = async (header, token) => {
    const now = this.#clock.monotonic();
    if (this.#failed && now - this.#failed.at < FAILED_FOR_MS) return this.#known(this.#failed.why)(header, token);
    try {
      this.#keys ??= await this.#asked();
      return await this.#keys(header, token);
    } catch (error) {
      if (isUnknownKey(error)) throw error;
      this.#failed = { at: now, why: error };
      throw unreachable(this.#terms.issuer, error);
    }
  };

  /** What a token of nobody's made us ask in vain must not shut out those whose keys are known. */
  #known(why: unknown): JWTVerifyGetKey {
    const keys = this.#keys?.fresh ? this.#keys.jwks() : undefined;
    if (!keys) throw unreachable(this.#terms.issuer, why);
    return async (header, token) =>
      createLocalJWKSet(keys)(header, token).catch((error: unknown) => {
        throw isUnknownKey(error) ? unreachable(this.#terms.issuer, why) : error;
      });
  }

  /** Once for all who wait for it. */
  #asked(): Promise<RemoteKeys> {
    this.#discovery ??= this.#discover().finally(() => {
      this.#discovery = null;
    });
    return this.#discovery;
  }

  async #discover(): Promise<RemoteKeys> {
    const { issuer, jwksUrl } = this.#terms;
    return createRemoteJWKSet(new URL(jwksUrl ?? (await jwksUrlOf(issuer))), { timeoutDuration: DISCOVERY_LIMIT_MS });
  }
}

/** The keys could be had, and none of them is the token's. */
function isUnknownKey(error: unknown): boolean {
  return [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported].some((kind) => error instanceof kind);
}

async function jwksUrlOf(issuer: string): Promise<string> {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(DISCOVERY_LIMIT_MS) });
  const found: unknown = await answer.json();
  const url: unknown = typeof found === 'object' && found !== null && 'jwks_uri' in found ? found.jwks_uri : undefined;
  if (typeof url === 'string') return url;
  throw new TypeError('its OpenID configuration names no jwks_uri');
}

function unreachable(issuer: string, error: unknown): TidemarkError {
  const why = error instanceof Error ? error.message : String(error);
  const retryAfterSec = FAILED_FOR_MS / 1000;
  return new TidemarkError('UNAVAILABLE', `the keys of ${issuer} cannot be had: ${why}`, { issuer, retryAfterSec }, error);
}

/** As OAuth writes them in `scope`, or some issuers as a list. */
function scopesOf({ scope, scp }: JWTPayload): readonly string[] {
  if (Array.isArray(scp)) return scp.map(String);
  return typeof scope === 'string' ? scope.split(' ') : [];
}
