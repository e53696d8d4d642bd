/**
 * AWS Signature Version 4 for S3, with the day's key kept: four HMACs less per request.
 * Bodies are not hashed into the signature: Content-MD5, which is signed, covers them.
 * Source: Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header".
 */
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface Unsigned {
  readonly method: string;
  readonly host: string;
  /** Encoded, as it goes over the wire. */
  readonly path: string;
  /** Encoded and sorted by name; '' for none. */
  readonly query: string;
  /** Lower-case names; all of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
}

const PAYLOAD = 'UNSIGNED-PAYLOAD';

export class Signer {
  readonly #region: string;
  #day = '';
  #key: KeyObject | undefined;
  #secret = '';
  #second = 0;
  #time = '';

  constructor(region: string) {
    this.#region = region;
  }

  /** @param now ms since the epoch @returns the headers to send: those given, and what signs them */
  sign(request: Unsigned, credentials: Credentials, now: number, payload: string = PAYLOAD): Record<string, string> {
    const time = this.#timeOf(now);
    const day = time.slice(0, 8);
    const headers: Record<string, string> = { ...request.headers, host: request.host, 'x-amz-content-sha256': payload, 'x-amz-date': time };
    if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken;
    const names = Object.keys(headers).sort();
    let canonical = `${request.method}\n${request.path}\n${request.query}\n`;
    for (const name of names) canonical += `${name}:${headers[name]?.trim().replace(/ {2,}/g, ' ')}\n`;
    const signed = names.join(';');
    canonical += `\n${signed}\n${payload}`;
    const scope = `${day}/${this.#region}/s3/aws4_request`;
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`;
    const signature = createHmac('sha256', this.#keyOf(day, credentials.secretAccessKey)).update(text).digest('hex');
    headers.authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
    return headers;
  }

  #timeOf(now: number): string {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#time = new Date(second * 1000).toISOString().replace(/[-:]|\.\d{3}/g, '');
    }
    return this.#time;
  }

  #keyOf(day: string, secret: string): KeyObject {
    if (!this.#key || day !== this.#day || secret !== this.#secret) {
      let key: Buffer = Buffer.from(`AWS4${secret}`);
      for (const part of [day, this.#region, 's3', 'aws4_request']) key = createHmac('sha256', key).update(part).digest();
      this.#key = createSecretKey(key);
      this.#day = day;
      this.#secret = secret;
    }
    return this.#key;
  }
}

/** A key as S3 wants it in a path and signs it: UTF-8, percent-encoded but for unreserved characters and slashes. */
export function encodePath(key: string): string {
  if (/^[\w.~/-]*$/.test(key)) return key;
  return key
    .split('/')
    .map((part) => encodeURIComponent(part).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`))
    .join('/');
}

/** @returns name=value pairs as S3 signs them: encoded, sorted by name */
export function encodeQuery(parameters: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(parameters)
    .filter((pair): pair is [string, string] => pair[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodePath(value).replaceAll('/', '%2F')}`)
    .join('&');
}
