/** Files of JSON lines in the store of reports. */
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
