/** Serves what lies in the store of reports as it is: a report may be larger than memory, and S3 does the same on AWS by a presigned link. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReportStore } from '../ports/reports.ts';

/** As FolderReports names a whole report; parts of one are nobody's. */
const REPORT = /^\/reports\/([0-9A-Za-z-]{1,64}\/report\.jsonl)$/;

/** @returns false for what is no request for a report that is there: somebody else answers it */
export async function sendReport(reports: ReportStore, request: IncomingMessage, response: ServerResponse, requestId: string): Promise<boolean> {
  const name = REPORT.exec((request.url ?? '').split('?')[0] ?? '')?.[1];
  if (name === undefined || request.method !== 'GET') return false;
  const body = await reports.read(name);
  if (!body) return false;
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'private, no-cache', 'x-request-id': requestId });
  await pipeline(Readable.from(body), response);
  return true;
}
