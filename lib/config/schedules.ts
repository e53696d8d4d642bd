import type { TidemarkConfig } from './config.ts';

/** What is started by the clock. @param reconcileSec on AWS, where nothing else compares whole listings */
export function schedulesOf(
  { verify }: Pick<TidemarkConfig, 'verify'>,
  reconcileSec?: number,
): readonly { readonly mode: 'verify' | 'reconcile'; readonly everyMs: number; readonly deep?: boolean }[] {
  return [
    ...(verify ? [{ mode: 'verify', everyMs: verify.everySec * 1000, deep: verify.deep } as const] : []),
    ...(reconcileSec === undefined ? [] : [{ mode: 'reconcile', everyMs: reconcileSec * 1000 } as const]),
  ];
}
