/** What a person asks for, and what speaks against it. */
import type { ControlRecord } from './control.ts';
import { condemns, isRecent, type ObserverState } from './observer.ts';
import { type GatewayRules, otherRegion } from './rules.ts';

/** @returns the region that a promotion is to, or why the request makes no sense */
export function promoted(
  { active }: Pick<ControlRecord, 'active'>,
  { regions }: Pick<GatewayRules, 'regions'>,
  { region, force = false }: { readonly region?: string; readonly force?: boolean },
): { readonly to: string } | { readonly field: 'region' | 'force'; readonly problem: string } {
  if (region !== undefined && !regions.includes(region)) return { field: 'region', problem: `one of ${regions.join(', ')}, not ${region}` };
  if (force && region === undefined) return { field: 'force', problem: 'whoever forces a promotion names the region' };
  return { to: region ?? otherRegion(regions, active) };
}

/**
 * Why a region is not fit to take the writes, in words for people; null: nothing is known against it.
 * @param own why this process's own probe of it failed; null: it answered
 * @param now by this process's clock, ms since the epoch
 */
export function unfit(region: string, own: string | null, observers: readonly ObserverState[], now: number): string | null {
  if (own !== null) return `it does not answer: ${own}`;
  const against = observers.find((state) => isRecent(state, now) && condemns(state, region));
  return against ? `observer ${against.observer} gets no answer from it: ${against.regions[region]?.problem ?? 'no reason given'}` : null;
}
