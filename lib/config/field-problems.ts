/** What a schema finds wrong, as sentences that name the field and the fix. For configuration and requests alike. */
import * as z from 'zod';

export interface FieldProblem {
  /** As `routes[0].to`. */
  readonly field: string;
  readonly message: string;
  readonly fix: string;
}

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** Enough to mend by; a thousand bad entries need no thousand lines. */
const MAX_PROBLEMS = 50;

/** @param root stands for the value as a whole where that is what is wrong, as `body` */
export function check<T>(schema: z.ZodType<T>, value: unknown, root: string): Checked<T> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, root));
  return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) };
}

/** An object without unknown fields: a field that is misspelt must not be silently without effect. */
export function strict<S extends z.core.$ZodLooseShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? `Known here: ${known}.` : undefined) });
}

/** A further condition with words of its own. */
export function rule<T>(schema: z.ZodType<T>, holds: (value: T) => boolean, message: string, fix: string): z.ZodType<T> {
  return schema.refine(holds, { error: message, params: { fix } });
}

/** One problem as one sentence, for where there is room for a text alone. */
export function sentence({ field, message, fix }: FieldProblem): string {
  return `${field}: ${message}. ${fix}`;
}

function problemsOf(issue: z.core.$ZodIssue, root: string): readonly FieldProblem[] {
  const field = pathOf(issue.path, root);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        field: pathOf([...issue.path, key], root),
        message: 'there is no such field',
        fix: `Remove it or correct its name. ${issue.message}`,
      }));
    case 'invalid_type': {
      const expected = NAMES[issue.expected] ?? issue.expected;
      const got = issue.input === undefined ? 'it is missing' : `expected ${expected}, got ${kindOf(issue.input)}`;
      return [{ field, message: got, fix: `Give ${expected}.` }];
    }
    case 'too_small':
    case 'too_big': {
      const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
      const unit = UNITS[issue.origin] ?? '';
      return [{ field, message: `expected ${bound}${unit}, got ${sizeOf(issue.input)}`, fix: `Give ${bound}${unit}.` }];
    }
    case 'invalid_value':
      return [{ field, message: `expected ${oneOf(issue.values)}, got ${kindOf(issue.input)}`, fix: `Give ${oneOf(issue.values)}.` }];
    case 'custom': {
      const fix: unknown = issue.params?.fix;
      return [{ field, message: issue.message, fix: typeof fix === 'string' ? fix : 'Correct it.' }];
    }
    default:
      return [{ field, message: issue.message, fix: 'Correct it.' }];
  }
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

/** Never the value itself: it may be a secret in the wrong place. Numbers and empty texts are none. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? (value === '' ? 'an empty text' : 'a text') : (NAMES[typeof value] ?? `a ${typeof value}`);
}

function sizeOf(value: unknown): string {
  return typeof value === 'string' || Array.isArray(value) ? String(value.length) : kindOf(value);
}

function oneOf(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(' or ');
}

function pathOf(path: readonly PropertyKey[], root: string): string {
  const text = path.map((part) => {
    if (typeof part === 'number') return `[${part}]`;
    const name = String(part).slice(0, 100);
    return /^[A-Za-z_][\w-]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  });
  return text.join('').replace(/^\./, '') || root;
}
