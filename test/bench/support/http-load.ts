/** Objects read and written over HTTP: through a gateway, or at an S3 server itself with the same client. Jobs for workers/http-load.ts. */
import type { S3Server } from '../../fixtures/s3-servers.ts';
import type { Run } from './result.ts';
import { askWorker } from './worker.ts';

/** Where requests go. */
export interface Target {
  readonly origin: string;
  /** What stands before a key, as `/objects/`. */
  readonly path: string;
  /** Absent: requests go unsigned. */
  readonly signedAs?: { readonly region: string; readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface HttpLoadJob {
  readonly target: Target;
  readonly method: 'GET' | 'PUT';
  readonly objects: number;
  readonly bytes: number;
  readonly inFlight: number;
  /** Requests are due at their own times, at this rate; absent: each follows the one before. */
  readonly perSecond?: number;
  /** Some requests go ahead, which are not measured: they open connections and warm both ends. @default true */
  readonly warms?: boolean;
}

export interface HttpRun extends Omit<Run, 'serverCpuMs'> {
  /** ms of each request until its last byte, ascending. With a rate, counted from when it was due. */
  readonly latencies: readonly number[];
}

/** @throws Error when a request is not answered 2xx, or with other than all bytes */
export function runHttpLoad(job: HttpLoadJob): Promise<HttpRun> {
  return askWorker('http-load', job);
}

/** Straight at the server, with requests that are signed before the time is taken. */
export function bareTarget({ endpoint, region, credentials }: S3Server, bucket: string): Target {
  return { origin: endpoint, path: `/${bucket}/`, signedAs: { region, ...credentials } };
}

export function gatewayTarget(url: string): Target {
  return { origin: url, path: '/objects/' };
}
