/** What a stack makes and who may do what in it, short enough to be read in a review. */
import { statementsOf } from './policies.ts';
import type { Resource } from './synth.ts';

export function summary(resources: Readonly<Record<string, Resource>>): string {
  const kinds = new Map<string, number>();
  for (const { Type } of Object.values(resources)) kinds.set(Type, (kinds.get(Type) ?? 0) + 1);
  const counted = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${String(count).padStart(3)} ${kind}`);
  const told = statementsOf(resources).map(({ policy, sid, effect, actions, resources: named, conditions }) => {
    const lines = [
      ...actions.map((action) => `    ${action}`),
      ...named.map((name) => `      on ${name}`),
      ...(conditions === '' ? [] : [`      if ${conditions}`]),
    ];
    return [`${plain(policy)} ${effect} ${sid}`, ...lines.map(plain)].join('\n');
  });
  return `${[...counted, '', ...told].join('\n')}\n`;
}

/** Without the hash at the end of logical ids, which says nothing to a reader. */
function plain(text: string): string {
  return text.replaceAll(/([A-Za-z])[0-9A-F]{8}\b/g, '$1');
}
