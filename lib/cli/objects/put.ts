/** Puts an object: through the gateway, and where it is too large for that way at an address which the gateway signs (B9). */
import { ApiError } from '../client.ts';
import { CliError } from '../exit.ts';
import { bytes } from '../text/units.ts';
import { collected, exchange, type Outgoing } from '../transport/exchange.ts';
import { askGateway, type Gateway, persistently } from './gateway.ts';
import type { Told } from './meter.ts';
import type { Source } from './source.ts';
import { storeRefusal } from './store-refusal.ts';

export interface PutWish {
  readonly key: string;
  readonly source: Source;
  readonly contentType?: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** Only where there is none. */
  readonly ifNoneMatch?: '*' | undefined;
}

export interface Put {
  readonly key: string;
  readonly size: number;
  readonly region: string;
  /** Without its quotes; absent: it was not told. */
  readonly etag?: string;
  /** base64; whoever stored it compared it with what arrived. */
  readonly sha256: string;
  /** The bytes went to the region itself. */
  readonly signed: boolean;
}

export interface Telling {
  readonly signal: AbortSignal;
  readonly told: Told;
  /** Nothing but results and their end is said. */
  readonly quiet: boolean;
}

interface Signed {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly region: string;
}

/** What S3 takes in one PUT. */
const MOST_SIGNED_BYTES = 5 * 1024 ** 3;

/** @throws CliError in words; the signal's reason */
export async function putObject(gateway: Gateway, wish: PutWish, telling: Telling): Promise<Put> {
  const { signal, quiet } = telling;
  const { wholeBytes = Number.POSITIVE_INFINITY } = gateway.transport;
  let isTooLarge = wish.source.size > wholeBytes;
  let tries = 0;
  const once = async (): Promise<Put> => {
    tries += 1;
    if (!isTooLarge) {
      const stored = await throughGateway(gateway, wish, telling);
      if (stored) return stored;
      isTooLarge = true;
    }
    return atSignedAddress(gateway, wish, telling);
  };
  return persistently(once, signal, quiet).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.status !== 412 || tries === 1) throw error;
    throw new CliError(`${error.message} An earlier try may have written it: see tidemark get ${wish.key} -`, error.exitCode, error);
  });
}

/** @returns null where it is too large for this way */
async function throughGateway(gateway: Gateway, { key, source, contentType, metadata, ifNoneMatch }: PutWish, telling: Telling): Promise<Put | null> {
  const headers = {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...metadataHeaders(metadata),
    'x-amz-checksum-sha256': source.sha256,
    ...conditionOf(ifNoneMatch),
  };
  const { api, transport } = gateway;
  const answer = await askGateway(gateway, { method: 'PUT', key, headers, body: sending(source, telling), signal: telling.signal });
  if (answer.status === 413) {
    answer.body.destroy();
    return null;
  }
  const whole = await collected(answer, transport.where);
  if (answer.status !== 201) throw await api.refused(whole);
  const { etag, region, size }: { readonly etag: string; readonly region: string; readonly size: number } = JSON.parse(await whole.text());
  return { key, size, region, etag, sha256: source.sha256, signed: false };
}

async function atSignedAddress({ api }: Gateway, { key, source, contentType, metadata, ifNoneMatch }: PutWish, telling: Telling): Promise<Put> {
  const { size, sha256 } = source;
  if (size > MOST_SIGNED_BYTES) {
    const fix = 'Put it in parts, by a client of S3 at the bucket of the active region (tidemark failover status), from where it is replicated.';
    throw new CliError(`the object has ${bytes(size)}, and a signed address takes ${bytes(MOST_SIGNED_BYTES)} at most. ${fix}`);
  }
  const signed = await api.post<Signed>('/sign', {
    op: 'put',
    key,
    checksum: { algorithm: 'SHA256', value: sha256 },
    ...(contentType === undefined ? {} : { contentType }),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  });
  const url = new URL(signed.url);
  const headers = { ...signed.headers, ...conditionOf(ifNoneMatch) };
  const fix = `Region ${signed.region} may be down: tidemark failover status`;
  const answer = await exchange({ method: 'PUT', url, headers, signal: telling.signal, body: sending(source, telling), fix });
  const whole = await collected(answer, url.origin);
  if (!whole.ok) throw storeRefusal(url, whole.status, await whole.text());
  const etag = answer.headers.get('etag')?.replaceAll('"', '');
  return { key, size, region: signed.region, ...(etag === undefined ? {} : { etag }), sha256, signed: true };
}

function sending({ size, open }: Source, { told }: Telling): Outgoing {
  return {
    size,
    open: () => {
      const moved = told(size, 'sent');
      return open().on('data', (chunk: Buffer) => moved(chunk.length));
    },
  };
}

function conditionOf(ifNoneMatch: '*' | undefined): Readonly<Record<string, string>> {
  return ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch };
}

function metadataHeaders(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]));
}
