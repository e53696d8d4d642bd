/** Proves a report: that every byte of it is as it was signed, and by whom. */
import { createHash } from 'node:crypto';
import { checkSignature, keyId } from './signature.ts';

export type CheckedReport =
  | {
      readonly ok: true;
      /** See keyId. */
      readonly keyId: string;
      /** The key is the one that the caller trusts; false where none was given: then only whoever holds that key can have signed. */
      readonly trusted: boolean;
      readonly header: Readonly<Record<string, unknown>>;
      readonly summary: Readonly<Record<string, unknown>>;
    }
  | { readonly ok: false; readonly problem: string };

/** No line of ours is as long; a file that is none of ours is not read into memory. */
const MOST_LINE = 64 * 1024;

/** @param trusted the public key that is believed, PEM, as GET /verify/key gives it */
export async function checkReport(body: AsyncIterable<Uint8Array>, trusted?: string): Promise<CheckedReport> {
  const hash = createHash('sha256');
  let [first, before, last]: (Buffer | null)[] = [null, null, null];
  for await (const line of wholeLines(body)) {
    if (line === null) return broken('it holds a line that no report has: it is another file, or was changed');
    if (last) hash.update(last);
    first ??= line;
    before = last;
    last = line;
  }
  const header = first && objectOf(first);
  const summary = before && objectOf(before);
  if (!last || header?.type !== 'tidemark.report/1' || summary?.type !== 'summary') return broken('it is no whole report: it was cut or changed');
  const signed = checkSignature(last, hash.digest('hex'));
  if ('problem' in signed) return broken(signed.problem);
  const id = keyId(signed.publicKey);
  if (trusted !== undefined && keyId(trusted) !== id)
    return broken(`it was signed with another key (${id}) than the trusted one (${keyId(trusted)})`);
  return { ok: true, keyId: id, trusted: trusted !== undefined, header, summary };
}

function broken(problem: string): CheckedReport {
  return { ok: false, problem };
}

/** Each with its end; bytes behind the last end are a line, too. @returns null for one that is too long; then no more is read */
async function* wholeLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer | null> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a, start)) {
      yield rest.subarray(start, end + 1);
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > MOST_LINE) return yield null;
  }
  if (rest.length > 0) yield rest;
}

function objectOf(line: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
