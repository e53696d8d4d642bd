/** Loaded before the command line (`node --import`): what it asks of an API on AWS reaches the emulator, which tells APIs apart by their host, of its own domain. */
import { ask } from './ask.ts';

const endpoint = process.env.AWS_ENDPOINT_URL ?? '';
const real = globalThis.fetch;

globalThis.fetch = async (input, init = {}) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (!url.hostname.includes('.execute-api.')) return real(input, init);
  const [apiId] = url.hostname.split('.');
  const to = new URL(`${url.pathname}${url.search}`, endpoint);
  const headers = { ...Object.fromEntries(new Headers(init.headers)), host: `${apiId}.execute-api.localhost:${to.port}` };
  const { status, headers: told, body } = await ask(init.method ?? 'GET', to, headers, typeof init.body === 'string' ? init.body : '');
  return new Response(body, { status, ...(told.location === undefined ? {} : { headers: { location: told.location } }) });
};
