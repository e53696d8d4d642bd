import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deleteEvidence, type Look, plan } from '../../../lib/core/objects/plan.ts';
import { difference } from '../../../lib/core/objects/reconcile.ts';
import { emptyRecord, type ReplicationRecord } from '../../../lib/core/objects/record.ts';
import { settle } from '../../../lib/core/objects/settle.ts';
import type { Sight } from '../../../lib/core/objects/sight.ts';
import { accept, complete, coveredBy } from '../../../lib/core/objects/transitions.ts';
import { filteredOut, inScope, type Route, selects } from '../../../lib/core/routes/route.ts';

const NOW = 1_793_268_000_000;
const ROUTE: Route = { name: 'a-b', from: 'a', to: 'b', prefix: 'in/', deletes: true };
const PUBLIC: Route = { ...ROUTE, suffix: ['.pdf', '.txt'], minBytes: 10, maxBytes: 20, tags: { class: 'public', team: 'x' } };
const LINK = {
  serverSide: false,
  conditionalCopy: false,
  conditionalPut: true,
  conditionalDelete: true,
  tags: true,
  partsFrom: Number.POSITIVE_INFINITY,
};

const sight = (changes: Partial<Sight> = {}): Sight => ({
  etag: 'e',
  size: 15,
  lastModified: NOW,
  headers: {},
  metadata: {},
  tags: { class: 'public', team: 'x', more: 'y' },
  ...changes,
});
const rules = { deletes: true, alwaysLease: false, leavesOut: (seen: Sight) => filteredOut(PUBLIC, seen) };
const told = (op: 'PUT' | 'DELETE', changes: Partial<ReplicationRecord> = {}): ReplicationRecord => ({
  ...accept(emptyRecord('a-b', 'in/k.pdf', NOW), [{ op, key: 'in/k.pdf', origin: 's3', ts: NOW, etag: 'e' }], NOW),
  ...changes,
});
const APPLIED = { kind: 'object', etag: 'd', lastModified: NOW, size: 15, print: '', destination: { etag: 'd' }, at: NOW } as const;
const look = (record: ReplicationRecord, more: Omit<Look, 'record' | 'link' | 'rules'>): Look => ({ record, link: LINK, rules, ...more });

describe('a key', () => {
  it.each([
    ['in/a.pdf', true],
    ['in/a.txt', true],
    ['in/.pdf', true],
    ['in/a.pdf.gz', false],
    ['in/a.PDF', false],
    ['out/a.pdf', false],
  ])('%s is in scope by its beginning and its end: %s', (key, expected) => {
    expect(inScope(PUBLIC, key)).toBe(expected);
    expect(selects(PUBLIC, { key })).toBe(expected);
  });

  it('is carried by a route without filters whenever it begins as asked', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (rest, size) => {
        expect(selects(ROUTE, { key: `in/${rest}`, size })).toBe(true);
        expect(filteredOut(ROUTE, { size })).toBeNull();
      }),
    );
  });
});

describe('an object', () => {
  it.each([
    [9, false],
    [10, true],
    [20, true],
    [21, false],
  ])('of %d bytes is carried: %s, by its listing as by its look', (size, expected) => {
    expect(selects(PUBLIC, { key: 'in/a.pdf', size })).toBe(expected);
    expect(filteredOut(PUBLIC, sight({ size })) === null).toBe(expected);
  });

  it('needs all of the tags, by name and value', () => {
    expect(filteredOut(PUBLIC, sight())).toBeNull();
    expect(filteredOut(PUBLIC, sight({ tags: { class: 'public' } }))).toContain('team=x');
    expect(filteredOut(PUBLIC, sight({ tags: { class: 'secret', team: 'x' } }))).toContain('class=public');
    expect(filteredOut({ ...ROUTE, tags: { constructor: 'x' } }, sight({ tags: {} }))).toContain('constructor=x');
  });
});

describe('what a route leaves out', () => {
  it('is left alone at the destination, with words for why', () => {
    const decided = plan(look(told('PUT'), { source: { present: true, sight: sight({ size: 9 }) } }));

    expect(decided).toEqual({ do: 'settle', applied: 'keep', leftOut: 'the object has 9 bytes, and the route carries those of 10 and more' });
  });

  it('is left alone though it was applied before: it left the filter', () => {
    const record = told('PUT', { applied: APPLIED });
    const source = { present: true, sight: sight({ tags: {} }) } as const;
    const decided = plan(look(record, { source, destination: { present: true, sight: sight({ etag: 'd' }) } }));

    expect(decided).toMatchObject({ do: 'settle', applied: 'keep' });
    const { record: after } = complete(record, { applied: record.applied, source, covered: coveredBy(record), leftOut: 'why' }, NOW + 1);
    expect(after.applied).toEqual(APPLIED);
    expect(after.deliveries).toMatchObject([{ status: 'superseded', lastError: 'LEFT_OUT: why' }]);
  });

  it('is copied as soon as it is carried again', () => {
    const decided = plan(look(told('PUT', { applied: APPLIED }), { source: { present: true, sight: sight() } }));

    expect(decided).toMatchObject({ do: 'act', act: 'stream' });
  });

  it('is not deleted at the destination with its source, where the record never applied it', () => {
    const record = told('DELETE');
    const theirs = { present: true, sight: sight({ etag: 'other' }) } as const;
    expect(deleteEvidence(record)).toBe(true);

    expect(plan(look(record, { source: { present: false }, destination: theirs }))).toEqual({ do: 'settle', applied: 'keep' });
    expect(plan(look(told('DELETE', { applied: APPLIED }), { source: { present: false }, destination: theirs }))).toMatchObject({ act: 'remove' });
    expect(plan(look(told('DELETE', { intent: true }), { source: { present: false }, destination: theirs }))).toMatchObject({ act: 'remove' });
  });

  it('is told of by no reconcile once a look has found it so, until it changes', () => {
    const record = told('PUT');
    const seen = { covered: coveredBy(record), source: { present: true, sight: sight() }, leftOut: 'why' } as const;
    const { deliveries } = settle(record.deliveries, seen, undefined, NOW);
    const listed = { key: 'in/k.pdf', etag: 'e', size: 15, lastModified: NOW };

    expect(difference('in/k.pdf', listed, undefined, { ...record, deliveries }, NOW)).toBeNull();
    expect(difference('in/k.pdf', { ...listed, etag: 'f' }, undefined, { ...record, deliveries }, NOW)).toMatchObject({ op: 'PUT' });
    expect(difference('in/k.pdf', listed, undefined, record, NOW)).toBeNull();
  });
});
