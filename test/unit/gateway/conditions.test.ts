import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeRead, judgeWrite, rangeStands } from '../../../lib/core/gateway/conditions.ts';

const MODIFIED = Date.UTC(1994, 10, 6, 8, 49, 37);
const CURRENT = { etag: 'now', lastModified: MODIFIED + 999 };

/** One moment in each form that HTTP knows. */
const DATES = ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'];
const SECOND_BEFORE = ['Sun, 06 Nov 1994 08:49:36 GMT', 'Sunday, 06-Nov-94 08:49:36 GMT', 'Sun Nov  6 08:49:36 1994'];
const NO_DATES = ['', '0', '1994', 'yesterday', '1994-11-06T08:49:37Z', 'Sun, 06 Nov 1994 08:49:37 +0100', '784111777'];

describe('dates of conditions', () => {
  it.each(DATES)('count in whole seconds: %s', (date) => {
    expect(judgeRead({ ifModifiedSince: date }, CURRENT)).toBe('notModified');
    expect(judgeRead({ ifUnmodifiedSince: date }, CURRENT)).toBe('proceed');
    expect(rangeStands({ ifRange: date }, CURRENT)).toBe(true);
  });

  it.each(SECOND_BEFORE)('are earlier by a second: %s', (date) => {
    expect(judgeRead({ ifModifiedSince: date }, CURRENT)).toBe('proceed');
    expect(judgeRead({ ifUnmodifiedSince: date }, CURRENT)).toBe('preconditionFailed');
    expect(rangeStands({ ifRange: date }, CURRENT)).toBe(false);
  });

  it.each(NO_DATES)('are ignored where they are none: %j', (date) => {
    expect(judgeRead({ ifModifiedSince: date }, CURRENT)).toBe('proceed');
    expect(judgeRead({ ifUnmodifiedSince: date }, CURRENT)).toBe('proceed');
  });
});

describe('etags of conditions', () => {
  const etag = fc
    .string({ unit: fc.constantFrom('a', 'b', '-', '1', ',', ' ', 'W', '/', '*'), minLength: 1, maxLength: 6 })
    .filter((text) => text.trim() === text && text !== '*');
  const list = fc.array(fc.record({ etag, weak: fc.boolean() }), { minLength: 1, maxLength: 4 });
  const headerOf = (tags: readonly { readonly etag: string; readonly weak: boolean }[]): string =>
    tags.map((tag) => `${tag.weak ? 'W/' : ''}"${tag.etag}"`).join(' , ');

  it('are found in a list, whatever they hold: strongly for If-Match, weakly for If-None-Match', () => {
    fc.assert(
      fc.property(list, etag, (tags, now) => {
        const current = { etag: now, lastModified: 0 };
        const strong = tags.some((tag) => tag.etag === now && !tag.weak);
        const weak = tags.some((tag) => tag.etag === now);
        expect(judgeRead({ ifMatch: headerOf(tags) }, current)).toBe(strong ? 'proceed' : 'preconditionFailed');
        expect(judgeRead({ ifNoneMatch: headerOf(tags) }, current)).toBe(weak ? 'notModified' : 'proceed');
        expect(rangeStands({ ifRange: headerOf(tags) }, current)).toBe(strong);
        expect(judgeWrite({ ifMatch: headerOf(tags) }, current)).toEqual(strong ? { ifMatch: now } : 'failed');
      }),
    );
  });

  it('are understood without quotes, as many clients of S3 send them', () => {
    expect(judgeRead({ ifMatch: ' now ' }, CURRENT)).toBe('proceed');
    expect(judgeRead({ ifNoneMatch: 'now' }, CURRENT)).toBe('notModified');
    expect(judgeRead({ ifMatch: 'no' }, CURRENT)).toBe('preconditionFailed');
  });

  it('stand for any object as *, and yet for no range', () => {
    expect(judgeRead({ ifMatch: '*' }, CURRENT)).toBe('proceed');
    expect(judgeRead({ ifNoneMatch: '*' }, CURRENT)).toBe('notModified');
    expect(rangeStands({ ifRange: '*' }, CURRENT)).toBe(false);
  });
});

describe('what a write demands of the moment in which it happens', () => {
  it.each([
    [{}, CURRENT, undefined],
    [{}, null, undefined],
    [{ ifMatch: '*' }, CURRENT, { ifMatch: 'now' }],
    [{ ifMatch: '*' }, null, 'failed'],
    [{ ifMatch: '"now"' }, null, 'failed'],
    [{ ifNoneMatch: '*' }, null, { ifAbsent: true }],
    [{ ifNoneMatch: '*' }, CURRENT, 'failed'],
    [{ ifMatch: '*', ifNoneMatch: '*' }, CURRENT, 'failed'],
    [{ ifMatch: '*', ifNoneMatch: '*' }, null, 'failed'],
  ] as const)('%j, where there is %j', (asked, current, demanded) => {
    expect(judgeWrite(asked, current)).toEqual(demanded);
  });
});
