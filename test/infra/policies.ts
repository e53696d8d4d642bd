/** Policies of a template, as people read them. */
import type { Resource } from './synth.ts';

export interface Statement {
  /** The policy's logical id. */
  readonly policy: string;
  readonly type: string;
  readonly sid: string;
  readonly effect: string;
  readonly actions: readonly string[];
  /** References by logical id, pseudo parameters in braces. */
  readonly resources: readonly string[];
  readonly conditions: string;
}

export function statementsOf(resources: Readonly<Record<string, Resource>>): readonly Statement[] {
  return Object.entries(resources).flatMap(([policy, { Type, Properties }]) => {
    const document = Properties?.PolicyDocument;
    if (!isObject(document)) return [];
    return list(document.Statement).map((value) => {
      const statement = isObject(value) ? value : {};
      return {
        policy,
        type: Type,
        sid: String(statement.Sid ?? '–'),
        effect: String(statement.Effect),
        actions: list(statement.Action).map(String),
        resources: list(statement.Resource).map(shown),
        conditions: statement.Condition === undefined ? '' : JSON.stringify(statement.Condition),
      };
    });
  });
}

/** A value of a template as one line. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return JSON.stringify(value);
  if ('Ref' in value) return `{${String(value.Ref)}}`;
  const attribute = value['Fn::GetAtt'];
  if (Array.isArray(attribute)) return `{${attribute.join('.')}}`;
  const join = value['Fn::Join'];
  if (Array.isArray(join) && Array.isArray(join[1])) return join[1].map(shown).join(String(join[0]));
  return JSON.stringify(value);
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
