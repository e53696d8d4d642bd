import { describe, expect, it } from 'vitest';
import { type Listed, listedAlone, sightOfListed } from '../../../lib/core/objects/listed.ts';
import { lookMessage, parseMessage } from '../../../lib/core/objects/message.ts';
import { appliedObject, type LinkTraits, plan } from '../../../lib/core/objects/plan.ts';
import { emptyRecord } from '../../../lib/core/objects/record.ts';
import { type Observation, printOf, type Sight, UNKNOWN_PRINT } from '../../../lib/core/objects/sight.ts';
import { aChange, aRecord, aSight, KEY, NOW, ROUTE } from './records.ts';

const LISTED: Listed = { etag: 'e1', size: 10, lastModified: NOW };
const LINK: LinkTraits = {
  serverSide: true,
  conditionalCopy: false,
  conditionalPut: true,
  conditionalDelete: true,
  tags: true,
  copiesWhole: true,
  partsFrom: 1_000,
};
const NOBODY_KNOWS = emptyRecord(ROUTE, KEY, NOW);

describe('what a listing told', () => {
  it('is the observation only where one pinned request copies the object whole, and nothing is recorded', () => {
    expect(sightOfListed(LISTED, NOBODY_KNOWS, LINK)).toMatchObject({ ...LISTED, listed: true });
    expect(sightOfListed(LISTED, aRecord({ version: 1 }), LINK)).toBeNull();
    expect(sightOfListed(LISTED, NOBODY_KNOWS, { ...LINK, serverSide: false })).toBeNull();
    expect(sightOfListed(LISTED, NOBODY_KNOWS, { ...LINK, copiesWhole: false })).toBeNull();
    expect(sightOfListed({ ...LISTED, size: 1_000 }, NOBODY_KNOWS, LINK)).toBeNull();
    expect(sightOfListed({ ...LISTED, size: 999 }, NOBODY_KNOWS, LINK)).not.toBeNull();
  });

  it('is the observation only where that was found out', () => {
    const { copiesWhole: _unknown, ...link } = LINK;

    expect(sightOfListed(LISTED, NOBODY_KNOWS, link)).toBeNull();
  });

  it.each(['GLACIER', 'DEEP_ARCHIVE'])('says of class %s nothing of whether it can be read', (storageClass) => {
    expect(sightOfListed({ ...LISTED, storageClass }, NOBODY_KNOWS, LINK)).toBeNull();
  });

  it('names the class that a copy would change otherwise', () => {
    expect(sightOfListed({ ...LISTED, storageClass: 'STANDARD_IA' }, NOBODY_KNOWS, LINK)).toMatchObject({ storageClass: 'STANDARD_IA' });
  });

  it('goes along with a key that only the source lists, and that nobody knows', () => {
    const entry = { ...LISTED, key: KEY };

    expect(listedAlone(entry, undefined, undefined)).toEqual(LISTED);
    expect(listedAlone(entry, LISTED, undefined)).toBeUndefined();
    expect(listedAlone(entry, undefined, aRecord())).toBeUndefined();
  });

  it('travels in the look, and is left out where it makes no sense', () => {
    const body = lookMessage(ROUTE, KEY, [aChange()], { ...LISTED, storageClass: 'STANDARD_IA' });

    expect(parseMessage(body)).toMatchObject({ kind: 'look', listed: { ...LISTED, storageClass: 'STANDARD_IA' } });
    for (const listed of [null, [], 'e1', { ...LISTED, etag: '' }, { ...LISTED, size: '10' }, { ...LISTED, lastModified: 0.5 }]) {
      const parsed = parseMessage(JSON.stringify({ ...JSON.parse(lookMessage(ROUTE, KEY, [aChange()])), listed }));
      expect(parsed).toMatchObject({ kind: 'look', changes: [aChange()] });
      expect(parsed).not.toHaveProperty('listed');
    }
  });
});

describe('what was copied as a listing told it', () => {
  const told = sightOfListed(LISTED, NOBODY_KNOWS, LINK);
  const applied = appliedObject(told ?? aSight(), { etag: LISTED.etag }, undefined, NOW);
  const record = aRecord({ version: 1, applied });
  const rules = { deletes: true, alwaysLease: false };
  const seen = (over: Partial<Sight> = {}): Observation => ({
    present: true,
    sight: aSight({ ...LISTED, headers: { contentType: 'text/plain' }, metadata: { m: '1' }, ...over }),
  });

  it('is recorded as looked at by nobody', () => {
    expect(applied.print).toBe(UNKNOWN_PRINT);
    expect(applied.print).not.toBe(printOf(aSight({ headers: {}, metadata: {} })));
  });

  it('is compared on both sides before it is copied again', () => {
    expect(plan({ record, source: seen(), link: LINK, rules })).toEqual({ do: 'confirm' });
  });

  it('is settled with what both sides show', () => {
    const decided = plan({ record, source: seen(), destination: seen(), link: LINK, rules });

    expect(decided).toMatchObject({ do: 'settle', applied: { source: { metadata: { m: '1' } } } });
  });

  it('is copied again where the sides differ in what no listing tells', () => {
    const decided = plan({ record, source: seen({ metadata: { m: '2' } }), destination: seen(), link: LINK, rules });

    expect(decided).toMatchObject({ do: 'act', act: 'copy' });
  });

  it.each([{ etag: 'e2' }, { size: 11 }, { lastModified: NOW + 1_000 }])('is no longer so once the source shows %o', (over) => {
    expect(plan({ record, source: seen(over), link: LINK, rules })).toMatchObject({ do: 'act', act: 'copy' });
  });
});
