/** Where a bucket and its keys are. */
import { encodePath } from './signer.ts';

export interface Address {
  readonly origin: string;
  readonly host: string;
  /** Encoded. */
  readonly path: string;
}

export class Addressing {
  readonly #protocol: string;
  readonly #host: string;
  readonly #pathStyle: boolean;

  /** @param endpoint absent: AWS's own of the region */
  constructor(region: string, endpoint: string | undefined, pathStyle: boolean) {
    const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`);
    this.#protocol = url.protocol;
    this.#host = url.host;
    this.#pathStyle = pathStyle;
  }

  of(bucket: string, key = ''): Address {
    // A name with dots matches no certificate of a virtual host.
    const inPath = this.#pathStyle || bucket.includes('.');
    const host = inPath ? this.#host : `${bucket}.${this.#host}`;
    return { origin: `${this.#protocol}//${host}`, host, path: `${inPath ? `/${bucket}` : ''}/${encodePath(key)}` };
  }
}
