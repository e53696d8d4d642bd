/** The tables of the bill, for people. */
import { table } from '../render.ts';
import { whole } from '../rounds.ts';
import { linesOf, shareOfCore, storageOf, sum, total, withTime } from './bill.ts';
import { OVERHEAD_BYTES } from './items.ts';
import { PRICES, PRICES_IN, PRICES_OF, priceRows } from './prices.ts';
import type { Replayed } from './run.ts';

export interface Case {
  readonly name: string;
  readonly replayed: Replayed;
}

const WAITS_MS = [50, 100] as const;
const MILLION = 1e6;
const GIB = 1024 ** 3;
const OBJECT_BYTES = 1_024;

/**
 * What data-transfer-hub's documentation reckons for many small files: 1 TB of 10 KB each. Its S3 requests and transfer are left out here.
 * awslabs/data-transfer-hub, docs/en-base/plan-deployment/cost.md, example 2, at commit 2de4222 of 2024-04-11.
 */
const DATA_TRANSFER_HUB = { files: 107_400_000, ec2: 25.2, dynamodb: 268.25, dynamodbPerMillion: 1.25, sqs: 85.92, others: 20 };

export const dollars = (value: number): string => `$${value.toFixed(value < 0.1 ? 3 : 2)}`;

export function billRows(cases: readonly Case[], memoryMb: number): readonly (readonly string[])[] {
  const bills = cases.map(({ replayed }) => linesOf(replayed, memoryMb));
  const [first = []] = bills;
  return [
    ...first.map(({ what }, at) => [what, ...bills.map((lines) => cell(lines[at]?.units ?? 0, lines[at]?.dollars ?? 0))]),
    ["**beyond S3's own requests and transfer**", ...bills.map((lines) => `**${dollars(sum(lines))}**`)],
    ['CPU of the handler, ms an object', ...cases.map(({ replayed: { run, objects } }) => ((run.cpuMs ?? Number.NaN) / objects).toFixed(2))],
    ['DynamoDB requests, units pay for them', ...cases.map(({ replayed: { counts, objects } }) => perMillion(total(counts.dynamodb), objects))],
    ...s3Rows(cases),
  ];
}

function s3Rows(cases: readonly Case[]): readonly (readonly string[])[] {
  const kinds = [...new Set(cases.flatMap(({ replayed }) => Object.keys(replayed.counts.s3)))].sort();
  return kinds.map((kind) => [
    `S3's own: ${kind}`,
    ...cases.map(({ replayed: { counts, objects } }) =>
      // What a cold start asks once is no rate.
      kind.includes('once') ? `${counts.s3[kind] ?? 0} in all` : perMillion(counts.s3[kind] ?? 0, objects),
    ),
  ]);
}

/** How the figure grows when a call lasts longer than its CPU. */
export function timeTable(cases: readonly Case[], memoryMb: number): string {
  const share = shareOfCore(memoryMb);
  const row = (what: string, time: { readonly share: number; readonly waitMs: number }): readonly string[] => [
    what,
    ...cases.map(({ replayed }) => dollars(withTime(replayed, memoryMb, time))),
  ];
  const rows = [
    row('as above: as long as its CPU', { share: 1, waitMs: 0 }),
    row(`computing at ${memoryMb} MB's share of a core, ${share.toFixed(2)}`, { share, waitMs: 0 }),
    ...WAITS_MS.map((waitMs) => row(`the same, and ${waitMs} ms of waiting a key, a call's keys at once`, { share, waitMs })),
  ];
  return table(['$ a million objects, when a call lasts', ...cases.map(({ name }) => name)], rows).join('\n');
}

/** @param tidemark dollars for a million objects by name */
export function othersTable(tidemark: readonly (readonly [string, number])[]): string {
  const { files, ec2, dynamodb, dynamodbPerMillion, sqs, others } = DATA_TRANSFER_HUB;
  const each = (all: number): number => (all / files) * MILLION;
  const today = (dynamodb / dynamodbPerMillion) * PRICES.dynamodb.perMillionWriteUnits;
  const controlled = ((OBJECT_BYTES * MILLION) / GIB) * PRICES.s3ReplicationTimeControl.perGb;
  const rows = [
    ...tidemark.map(([name, cost]) => [`Tidemark, ${name}`, dollars(cost), 'counted here']),
    ["S3's own replication (CRR)", '$0', 'no charge beyond S3: a GET, a PUT and the transfer'],
    ['CRR with Replication Time Control', dollars(controlled), `$${PRICES.s3ReplicationTimeControl.perGb} a GB, objects of 1 KiB`],
    ['data-transfer-hub', dollars(each(ec2 + dynamodb + sqs + others)), 'its own documentation, at its prices of 2024'],
    ['the same', dollars(each(ec2 + today + sqs + others)), 'its units, DynamoDB at the price above'],
  ];
  return table(['$ a million small objects', 'beyond S3 and transfer', 'source'], rows).join('\n');
}

export function storageTable(cases: readonly Case[]): string {
  const rows = cases.map(({ name, replayed: { sizes } }) => {
    const { gib, table: kept, backup } = storageOf(sizes.meanBytes);
    return [name, whole(sizes.meanBytes), whole(sizes.maxBytes), gib.toFixed(2), dollars(kept), dollars(backup), dollars(kept + backup)];
  });
  const columns = [
    'a million keys, a month',
    'bytes an item',
    'largest',
    `GB with ${OVERHEAD_BYTES} bytes overhead each`,
    'table',
    'backups (PITR)',
    'both',
  ];
  return table(columns, rows).join('\n');
}

export function pricesTable(): string {
  return table([`list price in ${PRICES_IN}, ${PRICES_OF}`, ''], priceRows()).join('\n');
}

function cell(units: number, cost: number): string {
  return units === 0 ? '0' : `${whole(units)} = ${dollars(cost)}`;
}

function perMillion(count: number, objects: number): string {
  return whole((count / objects) * MILLION);
}
