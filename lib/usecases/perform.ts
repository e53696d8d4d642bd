import type { Plan } from '../core/objects/plan.ts';
import type { Sight } from '../core/objects/sight.ts';
import type { CopyRequest, Link, Written } from '../ports/objects.ts';
import { copyParts } from './copy-parts.ts';
import type { HeldLease } from './held-lease.ts';
import { proveCopy, sourceOfListed } from './prove.ts';
import { streamObject } from './stream-object.ts';
import { withTags } from './with-tags.ts';

export type ActPlan = Extract<Plan, { readonly do: 'act' }>;

/** What stands at the destination now; null: nothing. */
export type Performed = { readonly source: Sight; readonly destination: Pick<Written, 'etag' | 'versionId'> } | null;

/**
 * Carries out what was planned. Every write is preceded by `guard`, in the same turn of the event loop.
 * @throws PreconditionFailedError when what was observed is no longer so; LeaseLostError; TidemarkError
 */
export async function perform(plan: ActPlan, link: Link, key: string, guard: () => void, lease: HeldLease | null): Promise<Performed> {
  const signal = lease?.signal;
  const running = signal ? { signal } : {};
  switch (plan.act) {
    case 'copy': {
      guard();
      const request = copyRequest(plan, key, running);
      const written = await serverSide(link).copy(request);
      const source = plan.source.listed ? await sourceOfListed(link, key, plan.source, written) : plan.source;
      proveCopy(source, written);
      return { source, destination: written };
    }
    case 'parts': {
      if (!lease) throw new TypeError('a copy by parts needs a lease');
      const source = await withTags(link, key, plan.source);
      const written = await copyParts(serverSide(link), copyRequest({ ...plan, source }, key, running), lease);
      return { source, destination: written };
    }
    case 'stream': {
      const { sight, written } = await streamObject(link, key, plan.source, { ...running, ...conditionOf(plan), beforeCommit: guard });
      return { source: sight, destination: written };
    }
    case 'remove':
      guard();
      await link.destination.remove(key, { ...running, ...conditionOf(plan) });
      return null;
    case 'tags':
      guard();
      await link.destination.putTags(key, plan.source.tags ?? {}, signal);
      return { source: plan.source, destination: plan.destination };
  }
}

function copyRequest(
  plan: Extract<ActPlan, { readonly act: 'copy' | 'parts' | 'stream' }>,
  key: string,
  running: { readonly signal?: AbortSignal },
): CopyRequest {
  return { sourceKey: key, key, sight: plan.source, ...running, ...conditionOf(plan) };
}

function conditionOf<C>(plan: { readonly condition?: C }): { readonly condition?: C } {
  return plan.condition === undefined ? {} : { condition: plan.condition };
}

function serverSide(link: Link): NonNullable<Link['serverSide']> {
  if (!link.serverSide) throw new TypeError('the plan is a server-side copy, but nothing reaches both ends');
  return link.serverSide;
}
