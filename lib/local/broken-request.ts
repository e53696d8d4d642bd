/** What cannot be read as a request gets an answer in the shape of all others; there is no response object to write it with. */
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { type Problem, problemAnswer } from './problem.ts';

const TOO_LONG: Problem = {
  status: 431,
  title: 'Request Header Fields Too Large',
  detail: 'The address and the headers have 16 KiB at most: send fewer, or shorter ones.',
};
const TOO_SLOW: Problem = { status: 408, title: 'Request Timeout', detail: 'The request did not arrive in time: send it again, all of it at once.' };
const UNREADABLE: Problem = { status: 400, title: 'Bad Request', detail: 'This cannot be read as HTTP/1.1: see what the client sends.' };

const PROBLEMS: Readonly<Record<string, Problem>> = { HPE_HEADER_OVERFLOW: TOO_LONG, ERR_HTTP_REQUEST_TIMEOUT: TOO_SLOW };

/** Ends the sending half alone: what still arrives is thrown away, so that the answer is read before the connection ends. */
export function answerBroken(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = randomUUID();
  const problem = PROBLEMS[error.code ?? ''] ?? UNREADABLE;
  const { headers = {}, body = '' } = problemAnswer(problem, requestId);
  const all = { ...headers, 'x-request-id': requestId, 'content-length': Buffer.byteLength(body), connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.removeAllListeners('data');
  socket.resume();
  socket.end(`HTTP/1.1 ${problem.status} ${problem.title}\r\n${lines.join('')}\r\n${body}`);
}
