/** A small client of the gateway: puts and gets objects of any size, wherever it runs. Node 20 or newer, no packages. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface GatewayOptions {
  /** As `http://127.0.0.1:8111`. */
  readonly url: string;
  /** The value of OBJECTS_TOKEN or API_TOKEN, or a JSON web token. */
  readonly token?: string;
  /** What is larger goes to the region itself. On AWS 4,000,000: the answer 413 may be lost with a connection that still sends. */
  readonly mostBytes?: number;
}

/** An automatic switch takes about a minute. */
const PATIENCE_MS = 90_000;

export function gatewayClient({ url, token, mostBytes = Number.POSITIVE_INFINITY }: GatewayOptions) {
  const ask = (path: string, init: RequestInit) =>
    fetch(`${url}${path}`, { ...init, headers: { ...init.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) } });

  const putSigned = async (key: string, body: Blob, contentType: string): Promise<Response> => {
    const signed = await ask('/sign', { method: 'POST', body: JSON.stringify({ op: 'put', key, contentType }) });
    if (!signed.ok) return signed;
    const { url: address, headers }: { url: string; headers: Record<string, string> } = JSON.parse(await signed.text());
    return fetch(address, { method: 'PUT', headers, body });
  };

  return {
    /** @param body a Blob of a file (`openAsBlob` of node:fs) is read as it is sent, and can be sent again */
    async put(key: string, body: Blob, contentType = 'application/octet-stream'): Promise<void> {
      const plain = () => ask(pathOf(key), { method: 'PUT', headers: { 'content-type': contentType }, body });
      const sent = body.size > mostBytes ? null : await patiently(plain);
      const answer = sent && sent.status !== 413 ? sent : await patiently(() => putSigned(key, body, contentType));
      if (!answer.ok) throw new Error(`PUT ${key}: ${answer.status} ${await answer.text()}`);
    },

    /** The whole object; read `body` of the answer piece by piece where it does not fit into memory. */
    async get(key: string): Promise<Response> {
      // Followed by hand: a signed address is good by itself, and the token is for the gateway alone.
      const answer = await patiently(() => ask(pathOf(key), { redirect: 'manual' }));
      const location = answer.status === 307 ? answer.headers.get('location') : null;
      const found = location === null ? answer : await patiently(() => fetch(location));
      if (!found.ok) throw new Error(`GET ${key}: ${found.status} ${await found.text()}`);
      return found;
    },
  };
}

/** Asks again while no region takes the request, or nothing answers. */
async function patiently(send: () => Promise<Response>): Promise<Response> {
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    const answer = await send().catch((error: Error) => error);
    if (answer instanceof Response && answer.status !== 503) return answer;
    const pauseMs = answer instanceof Response ? 1_000 * Number(answer.headers.get('retry-after') ?? 1) : 1_000;
    if (Date.now() + pauseMs > until) throw answer instanceof Error ? answer : new Error(`no region takes it: ${await answer.text()}`);
    await sleep(pauseMs);
  }
}

/** Slashes stand as they are. A part `..` would be taken for another folder: then they are encoded as well. */
function pathOf(key: string): string {
  const parts = /(^|\/)\.\.?(\/|$)/.test(key) ? [key] : key.split('/');
  return `/objects/${parts.map(encodeURIComponent).join('/')}`;
}
