/** The gateway's API in one of its two regions, as its clients see it. */

import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { inject } from 'vitest';
import { expectDocumented } from '../fixtures/documented.ts';
import { stackOf } from './deployment.ts';
import { signed } from './sign.ts';

export interface GatewayAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

export interface Sent {
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly unsigned?: true;
}

export class GatewayApi {
  readonly #region: string;
  readonly #awsRegion: string;

  /** @param region as the configuration names it */
  constructor(region: string, awsRegion: string) {
    this.#region = region;
    this.#awsRegion = awsRegion;
  }

  /** A signed request. @param path percent-encoded, as it is sent */
  async send(method: Method, path: string, { body = '', headers = {}, unsigned }: Sent = {}): Promise<GatewayAnswer> {
    const deployment = inject('deployment');
    if (!deployment) throw new Error('there is no emulator: use describeDeployed');
    const { endpoint, credentials, outputs } = deployment;
    const [apiId] = new URL(outputs[stackOf(this.#region)]?.GatewayUrl ?? '').host.split('.');
    const url = new URL(path, endpoint);
    const host = `${apiId}.execute-api.localhost:${url.port}`;
    // The signature of the account's own is asked for, and not verified.
    const own = unsigned ? { host } : signed({ method, url, host, body: '', region: this.#awsRegion, service: 'execute-api', credentials });
    const asked = request(url, { method, path, headers: { ...own, ...headers, 'content-length': Buffer.byteLength(body) }, servername: 'localhost' });
    const answered: Promise<IncomingMessage[]> = once(asked, 'response');
    asked.end(body);
    const [answer] = await answered;
    if (!answer) throw new Error(`${method} ${path} was not answered`);
    const bytes = await buffer(answer);
    const { statusCode: status = 0, headers: told } = answer;
    // Who is not let in is answered by API Gateway itself.
    if (method !== 'HEAD' && !unsigned) expectDocumented(method, path, { status, headers: told, text: bytes.toString('utf8') });
    return { status, headers: told, bytes, text: bytes.toString('utf8') };
  }

  /** Of JSON. */
  async ask(method: Method, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
    const { status, text } = await this.send(method, path, body === undefined ? {} : { body: JSON.stringify(body) });
    return { status, body: text === '' ? {} : JSON.parse(text) };
  }
}
