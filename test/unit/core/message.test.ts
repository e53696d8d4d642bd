import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyProblem } from '../../../lib/core/objects/key.ts';
import { lookMessage, parseMessage } from '../../../lib/core/objects/message.ts';
import { aChange, KEY, ROUTE } from './records.ts';

const TYPE = 'tidemark.look/1';

describe('a look message', () => {
  it('comes back as it was sent', () => {
    const keys = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((key) => keyProblem(key) === null);
    fc.assert(
      fc.property(keys, fc.boolean(), (key, told) => {
        const changes = told ? [aChange({ key })] : [];
        expect(parseMessage(lookMessage(ROUTE, key, changes))).toEqual({ kind: 'look', route: ROUTE, key, changes });
      }),
    );
  });

  it.each([
    ['no JSON', '{', 'not JSON'],
    ['another type', { type: 'other' }, 'type is "other"'],
    ['a type that is no text', { type: { deep: 1 } }, 'type is'],
    ['no route', { type: TYPE, key: KEY }, 'route'],
    ['an empty route', { type: TYPE, route: '', key: KEY }, 'route'],
    ['no key', { type: TYPE, route: ROUTE }, 'key is missing'],
    ['an empty key', { type: TYPE, route: ROUTE, key: '' }, 'at least one character'],
    ['changes that are no list', { type: TYPE, route: ROUTE, key: KEY, changes: {} }, 'changes'],
    ['a change of an unknown operation', { type: TYPE, route: ROUTE, key: KEY, changes: [{ ...aChange(), op: 'MOVE' }] }, 'changes'],
    ['a change of an unknown origin', { type: TYPE, route: ROUTE, key: KEY, changes: [{ ...aChange(), origin: 'me' }] }, 'changes'],
    ['a change without a time', { type: TYPE, route: ROUTE, key: KEY, changes: [{ ...aChange(), ts: null }] }, 'changes'],
  ])('with %s is refused', (_what, body, reason) => {
    const parsed = parseMessage(typeof body === 'string' ? body : JSON.stringify(body));

    expect(parsed).toMatchObject({ kind: 'malformed', reason: expect.stringContaining(reason) });
  });

  it('without a type of ours is read as a notification', () => {
    expect(parseMessage(JSON.stringify({ Event: 's3:TestEvent' }))).toEqual({ kind: 'test' });
    expect(parseMessage('[]')).toMatchObject({ kind: 'malformed' });
  });

  it('never makes the reader throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(['look', 'changes', 'test', 'malformed']).toContain(parseMessage(body).kind);
      }),
    );
  });
});

describe('a key', () => {
  it.each(['a', ' ', '/', '..', 'a/', '😀', 'é'.repeat(512), '__proto__'])('may be %j', (key) => {
    expect(keyProblem(key)).toBeNull();
  });

  it.each([
    ['', 'at least one character'],
    ['\uD800', 'lone surrogate'],
    ['a\0b', 'NUL'],
    ['é'.repeat(513), '1026 bytes'],
  ])('may not be %j', (key, problem) => {
    expect(keyProblem(key)).toContain(problem);
  });
});
