/** One partition a day of `timestamp`, in UTC: Iceberg's hidden `day` transform. */
import { FIELD } from './envelope.ts';

const DAY_MS = 86_400_000;
const DAY_MICROS = DAY_MS * 1_000;
/** Partition fields are numbered from here on. */
export const DAY_FIELD_ID = 1000;

export const PARTITION_SPEC = {
  'spec-id': 0,
  fields: [{ name: 'timestamp_day', transform: 'day', 'source-id': FIELD.timestamp, 'field-id': DAY_FIELD_ID }],
} as const;

/** @param micros since the epoch; days before it are negative */
export function dayOf(micros: number): number {
  return Math.floor(micros / DAY_MICROS);
}

/** As `year=2026/month=02/day=03`. Only a path: readers go by the manifest. */
export function dayPath(day: number): string {
  const [year = '', month = '', date = ''] = new Date(day * DAY_MS)
    .toISOString()
    .slice(0, -14)
    .split(/(?<=\d)-/);
  return `year=${year}/month=${month}/day=${date}`;
}
