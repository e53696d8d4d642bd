/** The limit that the server and the client set by themselves: bare requests, without queue, record or proof. */
import type { S3RegionOptions } from '../../../lib/adapters/s3/index.ts';
import type { S3Server } from '../../fixtures/s3-servers.ts';
import type { Run } from './result.ts';
import { optionsOf } from './servers.ts';
import { askWorker } from './worker.ts';

/** The requests made for each object. */
export type BareLoop = 'copy' | 'head-copy' | 'head-get-put';

export interface BareJob {
  readonly loop: BareLoop;
  readonly client: 'lean' | 'sdk';
  readonly from: S3RegionOptions;
  readonly fromBucket: string;
  readonly to: S3RegionOptions;
  readonly toBucket: string;
  readonly objects: number;
  readonly inFlight: number;
}

export interface BareEnds {
  readonly from: S3Server;
  readonly fromBucket: string;
  readonly to: S3Server;
  readonly toBucket: string;
}

/** As many as Tidemark keeps in flight by default. */
const IN_FLIGHT = 256;

export function runBare(
  loop: BareLoop,
  { from, fromBucket, to, toBucket }: BareEnds,
  objects: number,
  { client = 'lean', inFlight = IN_FLIGHT }: Partial<Pick<BareJob, 'client' | 'inFlight'>> = {},
): Promise<Omit<Run, 'serverCpuMs'>> {
  const job: BareJob = { loop, client, from: optionsOf(from), fromBucket, to: optionsOf(to), toBucket, objects, inFlight };
  return askWorker('bare', job);
}

export interface BareListJob {
  readonly region: S3RegionOptions;
  readonly buckets: readonly string[];
}

/** What the server and a client that reads nothing of its answers need for a listing of all these buckets. */
export function runBareList(server: S3Server, buckets: readonly string[]): Promise<Omit<Run, 'serverCpuMs'>> {
  const job: BareListJob = { region: optionsOf(server), buckets };
  return askWorker('bare-list', job);
}
