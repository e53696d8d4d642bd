/** What a backfill will do and cost, guessed from a sample. Pure. */
import { PRICES, PRICES_IN, PRICES_OF } from '../prices.ts';
import type { BackfillMode } from './mode.ts';

export interface Sampled {
  readonly objects: number;
  readonly bytes: number;
  /** Every key was seen. */
  readonly exact: boolean;
  /** Of the sampled objects, the share that the destination lacks or holds in another size, 0 to 1. */
  readonly differing: number;
}

export interface Estimate {
  readonly objects: number;
  readonly bytes: number;
  /** False: guessed from a sample; every other figure follows from it. */
  readonly exact: boolean;
  /** Objects that are likely to be copied. */
  readonly copies: number;
  readonly copyBytes: number;
  readonly requests: {
    readonly list: number;
    readonly head: number;
    readonly copy: number;
    readonly queue: number;
    readonly writeUnits: number;
    readonly readUnits: number;
  };
  /** US dollars at list price, by what is charged; `total` is their sum. 0 for what is not on AWS. */
  readonly cost: {
    readonly s3: number;
    readonly transfer: number;
    readonly dynamodb: number;
    readonly sqs: number;
    readonly lambda: number;
    readonly total: number;
  };
  /** As `2026-11, us-east-1`. */
  readonly prices: string;
}

export interface Premises {
  readonly mode: BackfillMode;
  /** The functions, table and queues are AWS's. */
  readonly onAws: boolean;
  /** Buckets of AWS among both ends: their requests are paid for. */
  readonly paidSource: boolean;
  readonly paidDestination: boolean;
  /** The bytes leave a region of AWS. */
  readonly leaves: boolean;
}

const LIST_PAGE = 1_000;
const GB = 1e9;
/** Sent, received and deleted in batches of ten. */
const QUEUE_REQUESTS = 3 / 10;
/** As the bench counts them: a claim and a completion; the record is read by the walk and by the look. */
const WRITES_PER_LOOK = 2;
const READS_PER_LOOK = 1;
/** Of a function of 512 MB in a batch of ten, waiting included. */
const GB_SECONDS_PER_LOOK = 0.01;
const CALLS_PER_LOOK = 1 / 10;
/** What is looked at and found equal is looked at on both sides, twice at the source. */
const HEADS_WHEN_EQUAL = 3;
const HEADS_WHEN_COPIED = 2;

/** An upper figure where it is a choice: each look is taken to need a lease. */
export function estimateOf(sample: Sampled, { mode, onAws, paidSource, paidDestination, leaves }: Premises): Estimate {
  const { objects, bytes, exact, differing } = sample;
  const copies = Math.round(objects * differing);
  const copyBytes = Math.round(bytes * differing);
  const looks = mode === 'all' ? objects : copies;
  const pages = Math.ceil(objects / LIST_PAGE) + 1;
  const requests = {
    list: mode === 'all' ? pages : 2 * pages,
    head: copies * HEADS_WHEN_COPIED + (looks - copies) * HEADS_WHEN_EQUAL,
    copy: copies,
    queue: Math.ceil(looks * QUEUE_REQUESTS),
    writeUnits: looks * WRITES_PER_LOOK + pages,
    readUnits: looks * READS_PER_LOOK + (mode === 'all' ? 0 : objects),
  };
  const { s3, transfer, dynamodb, sqs, lambda } = PRICES;
  const share = (Number(paidSource) + Number(paidDestination)) / 2;
  const s3Cost =
    share * ((requests.list / 1000) * s3.perThousandWrites + (requests.head / 1000) * s3.perThousandReads) +
    Number(paidDestination) * (requests.copy / 1000) * s3.perThousandWrites;
  const cost = {
    s3: dollars(s3Cost),
    transfer: leaves ? dollars((copyBytes / GB) * transfer.perGb) : 0,
    dynamodb: onAws ? dollars((requests.writeUnits * dynamodb.perMillionWriteUnits + requests.readUnits * dynamodb.perMillionReadUnits) / 1e6) : 0,
    sqs: onAws ? dollars((requests.queue * sqs.perMillionRequests) / 1e6) : 0,
    lambda: onAws ? dollars(looks * GB_SECONDS_PER_LOOK * lambda.perGbSecond + (looks * CALLS_PER_LOOK * lambda.perMillionCalls) / 1e6) : 0,
  };
  const total = dollars(Object.values(cost).reduce((sum, each) => sum + each, 0));
  return { objects, bytes, exact, copies, copyBytes, requests, cost: { ...cost, total }, prices: `${PRICES_OF}, ${PRICES_IN}` };
}

/** To a hundredth of a cent: more digits would claim to know. */
function dollars(amount: number): number {
  return Math.round(amount * 10_000) / 10_000;
}
