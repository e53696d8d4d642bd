/** Files of JSON lines in the store of reports. */
import { TidemarkError } from '../../core/errors.ts';
import type { ReportStore } from '../../ports/reports.ts';

const DIGITS = 6;

export function differencesFile(job: string, range: number, file: number): string {
  return `${job}/differences/${padded(range)}-${padded(file)}.jsonl`;
}

export function doubtsFile(job: string, range: number, file: number): string {
  return `${job}/doubts/${padded(range)}-${padded(file)}.jsonl`;
}

export function reportFile(job: string): string {
  return `${job}/report.jsonl`;
}

export async function putLines(reports: ReportStore, name: string, values: readonly unknown[]): Promise<void> {
  const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''), 'utf8');
  await reports.put(name, bytes.length, bytes);
}

/** Files that are asked for before the first of them is needed: each costs a store's answer or two, and there may be ten thousands. */
const AHEAD = 8;

/** Files of ours, whole, in the order of their names given. @throws TidemarkError INTEGRITY where one is gone */
export async function* filesOf(reports: ReportStore, names: Iterable<string>): AsyncGenerator<Uint8Array> {
  const ahead: Promise<Uint8Array>[] = [];
  for (const name of names) {
    const file = wholeFile(reports, name);
    // Thrown when its turn comes; who stops early never awaits it.
    file.catch(() => undefined);
    ahead.push(file);
    const [first] = ahead.length < AHEAD ? [] : ahead.splice(0, 1);
    if (first) yield await first;
  }
  for (const file of ahead) yield await file;
}

async function wholeFile(reports: ReportStore, name: string): Promise<Uint8Array> {
  const body = await reports.read(name);
  if (!body) throw new TidemarkError('INTEGRITY', `the file ${name} of the report is gone: start the comparison again`, { name });
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Each line without its end. A file that is not there has none. */
export async function* linesOf(reports: ReportStore, name: string): AsyncGenerator<string> {
  const body = await reports.read(name);
  if (body) yield* splitLines(body);
}

/** Bytes after the last end of a line are a line as well. */
export async function* splitLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a, start)) {
      yield rest.toString('utf8', start, end);
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

function padded(n: number): string {
  return String(n).padStart(DIGITS, '0');
}
