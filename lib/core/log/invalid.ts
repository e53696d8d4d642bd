import { TidemarkError } from '../errors.ts';

/** @param field a name, or a path like `after/address/city` @param problem what was expected, and what came instead */
export function invalid(field: string, problem: string): TidemarkError {
  return new TidemarkError('INVALID_INPUT', `${field}: ${problem}`, { field });
}

const NAME = /^[^\p{Cc}]+$/u;

/** A name of something: a text without control characters, of `max` characters at most. @throws TidemarkError INVALID_INPUT */
export function checkedName(value: unknown, field: string, max: number): string {
  if (value === undefined || value === null || value === '') throw invalid(field, `expected a text of 1 to ${max} characters, got nothing`);
  if (typeof value !== 'string') throw invalid(field, `expected a text, got ${typeof value}`);
  if (value.length > max) throw invalid(field, `expected at most ${max} characters, got ${value.length}`);
  if (!NAME.test(value) || !value.isWellFormed()) throw invalid(field, 'holds a control character or half of a character; leave it out');
  return value;
}

const MAX_STREAM = 512;

/** @throws TidemarkError INVALID_INPUT for what can be no stream's name: it is a name or a URL, of 1 to 512 characters */
export function checkedStream(value: unknown): string {
  return checkedName(value, 'stream', MAX_STREAM);
}
