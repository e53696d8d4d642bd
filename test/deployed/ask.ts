import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';

/** The emulator's certificate names no API's host, which other clients take from the Host header. */
const SERVER_NAME = 'localhost';

/** @param headers with the `host` that the request is meant for, wherever `url` leads */
export async function ask(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }> {
  const asked = request(url, { method, headers: { ...headers, 'content-length': Buffer.byteLength(body) }, servername: SERVER_NAME });
  const answered: Promise<IncomingMessage[]> = once(asked, 'response');
  asked.end(body);
  const [answer] = await answered;
  if (!answer) throw new Error(`${method} ${url} was not answered`);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
}
