/** Loaded before the command line (`node --import`): what it asks of an API on AWS reaches the emulator, which tells APIs apart by their host, of its own domain. */
import https, { type RequestOptions } from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { ask } from './ask.ts';

const endpoint = process.env.AWS_ENDPOINT_URL ?? '';
const real = globalThis.fetch;
const plain = https.request;

interface Place {
  readonly to: URL;
  readonly host: string;
}

/** Null: it is no API's. */
function placeOf(url: URL): Place | null {
  if (!url.hostname.includes('.execute-api.')) return null;
  const to = new URL(`${url.pathname}${url.search}`, endpoint);
  return { to, host: `${url.hostname.split('.')[0]}.execute-api.localhost:${to.port}` };
}

globalThis.fetch = async (input, init = {}) => {
  const place = placeOf(new URL(input instanceof Request ? input.url : input));
  if (!place) return real(input, init);
  const headers = { ...Object.fromEntries(new Headers(init.headers)), host: place.host };
  const { status, headers: told, body } = await ask(init.method ?? 'GET', place.to, headers, typeof init.body === 'string' ? init.body : '');
  return new Response(body, { status, ...(told.location === undefined ? {} : { headers: { location: told.location } }) });
};

// Objects go by it.
Object.assign(https, {
  request: (url: URL | RequestOptions, options: RequestOptions, ...rest: unknown[]) => {
    const place = url instanceof URL ? placeOf(url) : null;
    if (!place) return Reflect.apply(plain, https, [url, options, ...rest]);
    return plain(place.to, { ...options, headers: { ...options.headers, host: place.host }, servername: 'localhost' });
  },
});
syncBuiltinESMExports();
