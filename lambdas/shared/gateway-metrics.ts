/** The gateway's figures for CloudWatch: what its answers tell of, and how an observer finds its regions. */
import type { ControlRecord } from '../../lib/core/gateway/control.ts';
import type { ObserverState } from '../../lib/core/gateway/observer.ts';
import { type GatewayRules, IN_A_ROW } from '../../lib/core/gateway/rules.ts';
import { emfLine, writeLine } from './emf.ts';

type Headers = Readonly<Record<string, unknown>>;

/** A line where a read fell back to the other region or had a key looked at: nothing else is worth its price. @param at ms since the epoch */
export function countAnswer(stack: string, headers: Headers, at: number, write: (line: string) => void = writeLine): void {
  const counted = [
    ['Fallbacks', 'x-tidemark-fallback'],
    ['Repairs', 'x-tidemark-repair'],
  ] as const;
  const metrics = Object.fromEntries(counted.flatMap(([name, header]) => (headers[header] === undefined ? [] : [[name, count(1)]])));
  if (Object.keys(metrics).length > 0) write(emfLine({ at, dimensions: { Stack: stack }, metrics }));
}

export interface Seen {
  readonly record: ControlRecord;
  readonly state: ObserverState;
  /** How old the last word is of how far the route is, ms; null: there is none. */
  readonly watermarkAgeMs: number | null;
}

/** A line of the gateway, and one of each region. @param at ms since the epoch */
export function publishGateway(
  stack: string,
  { regions, first }: GatewayRules,
  seen: Seen,
  at: number,
  write: (line: string) => void = writeLine,
): void {
  const { record, state, watermarkAgeMs } = seen;
  const failures = (region: string): number => state.regions[region]?.failures ?? 0;
  const metrics = {
    Epoch: count(record.epoch),
    FailedOver: count(Number(record.active !== first)),
    FailingRegions: count(regions.filter((region) => failures(region) >= IN_A_ROW).length),
    ...(watermarkAgeMs === null ? {} : { WatermarkAge: { unit: 'Seconds', value: watermarkAgeMs / 1000 } as const }),
  };
  write(emfLine({ at, dimensions: { Stack: stack }, metrics }));
  for (const region of regions) {
    const ofRegion = { Active: count(Number(record.active === region)), ProbeFailures: count(failures(region)) };
    write(emfLine({ at, dimensions: { Stack: stack, Region: region }, metrics: ofRegion }));
  }
}

function count(value: number): { readonly unit: 'Count'; readonly value: number } {
  return { unit: 'Count', value };
}
