/** The contract of ServerSideCopy: copies that a store makes by itself, pinned, whole and with everything that belongs to the object. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sight } from '../../lib/core/objects/sight.ts';
import type { CopyRequest, RegionStore, ServerSideCopy, UploadPart } from '../../lib/ports/objects.ts';
import { AWKWARD_KEYS, isPosixPath } from '../fixtures/awkward-keys.ts';
import { contentOf, HEADERS, inParallel, isPrecondition, METADATA, put, readWhole, seen, sightLike, TAGS, text } from './object-store-support.ts';

export interface CopyUnderTest {
  /** Both on fresh, empty buckets. */
  readonly source: RegionStore;
  readonly destination: RegionStore;
  readonly copier: ServerSideCopy;
  /** Takes a bucket away (both are empty then but for what the test wrote). */
  loseBucket(side: 'source' | 'destination'): Promise<void>;
  dispose(): Promise<void>;
}

export interface CopyTraits {
  /** Labels of AWKWARD_KEYS that the store cannot hold, beyond those that are no paths. */
  readonly withoutKeys?: readonly string[];
  /** The source bucket keeps versions. */
  readonly versioned: boolean;
  /** What lies under a delete marker is copied all the same: a delete of the source is noticed by the next look alone. */
  readonly copiesUnderMarkers?: boolean;
  /** Another run on the same server has listed more parts than a page holds, by the same requests. */
  readonly fewParts?: boolean;
  /** Forgets the tags that an upload is begun with. */
  readonly uploadsLoseTags?: boolean;
}

const MIB = 1024 * 1024;
const PART = 16 * MIB;
const LARGE = 70 * MIB;
const EVERYTHING = { headers: { ...HEADERS, expires: 'Thu, 01 Jan 2032 00:00:00 GMT' }, metadata: { ...METADATA, name: 'Grüße 😀' }, tags: TAGS };

/** Bytes that differ from part to part, so that a part in the wrong place shows. */
function largeBody(): Buffer {
  const body = Buffer.alloc(LARGE);
  for (let i = 0; i < LARGE; i += 4096) body.writeUInt32LE(i, i);
  return body;
}

const RANGES = Array.from({ length: Math.ceil(LARGE / PART) }, (_, i) => ({
  number: i + 1,
  start: i * PART,
  end: Math.min((i + 1) * PART, LARGE) - 1,
}));

/** @param factory called before each test */
export function serverSideCopyContract(name: string, factory: () => Promise<CopyUnderTest>, traits: CopyTraits): void {
  describe(`server-side copy: ${name}`, () => {
    let subject: CopyUnderTest;
    let source: RegionStore;
    let destination: RegionStore;
    let copier: ServerSideCopy;
    beforeEach(async () => {
      subject = await factory();
      ({ source, destination, copier } = subject);
    });
    afterEach(() => subject.dispose());

    const request = (sight: Sight, more: Partial<CopyRequest> = {}): CopyRequest => ({ sourceKey: 'k', key: 'k', sight, ...more });
    const observed = async (key = 'k'): Promise<Sight> => {
      const observation = await source.head(key);
      if (!observation.present) throw new Error(`no object at ${JSON.stringify(key)}`);
      return observation.sight;
    };

    describe('in one request', () => {
      it('copies bytes, headers, metadata and tags', async () => {
        await put(source, 'k', text('content'), { like: sightLike({ size: 7, ...EVERYTHING }) });
        const written = await copier.copy(request(await observed(), { key: 'elsewhere/k' }));
        const copied = await seen(destination, 'elsewhere/k');
        expect(copied).toMatchObject({ etag: written.etag, size: 7, ...EVERYTHING });
        expect(copied.versionId).toBe(written.versionId);
        expect(await contentOf(destination, 'elsewhere/k')).toBe('content');
      });

      it('copies an empty object', async () => {
        await put(source, 'k', new Uint8Array());
        await copier.copy(request(await observed()));
        expect((await seen(destination, 'k')).size).toBe(0);
      });

      it('refuses a source that was overwritten, and leaves the destination as it was', async () => {
        await put(destination, 'k', text('old'));
        await put(source, 'k', text('one'));
        const sight = await observed();
        await put(source, 'k', text('two'));
        await expect(copier.copy(request(sight))).rejects.toSatisfy(isPrecondition('source'));
        expect(await contentOf(destination, 'k')).toBe('old');
      });

      if (traits.versioned) {
        it('never copies an old version, though it still exists', async () => {
          await put(source, 'k', text('one'));
          const sight = await observed();
          expect(sight.versionId).toBeDefined();
          await put(source, 'k', text('two'));
          await expect(copier.copy(request(sight))).rejects.toSatisfy(isPrecondition('source'));
          expect(await destination.head('k')).toEqual({ present: false });
        });
      }

      if (!traits.copiesUnderMarkers) {
        it('refuses a source that is gone', async () => {
          await put(source, 'k', text('one'));
          const sight = await observed();
          await source.remove('k');
          await expect(copier.copy(request(sight))).rejects.toSatisfy(isPrecondition('source'));
          expect(await destination.head('k')).toEqual({ present: false });
        });
      }

      it.each(['source', 'destination'] as const)('tells of a missing %s bucket', async (side) => {
        await put(source, 'k', text('one'));
        const sight = await observed();
        await subject.loseBucket(side);
        await expect(copier.copy(request(sight))).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
      });

      it('honours conditions on the destination where that is claimed', async () => {
        await put(source, 'k', text('one'));
        const sight = await observed();
        const first = await copier.copy(request(sight, { condition: { ifAbsent: true } }));
        await put(destination, 'k', text('theirs'));
        const absent = copier.copy(request(sight, { condition: { ifAbsent: true } }));
        if ((await destination.capabilities()).conditionalCopy) {
          await expect(absent).rejects.toSatisfy(isPrecondition('destination'));
          await expect(copier.copy(request(sight, { condition: { ifMatch: first.etag } }))).rejects.toSatisfy(isPrecondition('destination'));
          expect(await contentOf(destination, 'k')).toBe('theirs');
        } else {
          await absent;
          expect(await contentOf(destination, 'k')).toBe('one');
        }
      });

      const storable = AWKWARD_KEYS.filter(({ label, key }) => isPosixPath(key) && !traits.withoutKeys?.includes(label));
      it('names every awkward key rightly', { timeout: 60_000 }, async () => {
        for (const { key } of storable) await put(source, key, text(key));
        await inParallel(storable, 8, async ({ key }) => {
          await copier.copy({ sourceKey: key, key, sight: await observed(key) });
        });
        for (const { key } of storable) expect(await contentOf(destination, key)).toBe(key);
      });

      it('ends by the signal', async () => {
        await put(source, 'k', text('one'));
        const ended = copier.copy(request(await observed(), { signal: AbortSignal.abort() }));
        await expect(ended).rejects.toMatchObject({ code: 'UNAVAILABLE' });
        expect(await destination.head('k')).toEqual({ present: false });
      });
    });

    describe('by parts', () => {
      const copyParts = (of: CopyRequest, uploadId: string, ranges = RANGES): Promise<UploadPart[]> =>
        Promise.all(ranges.map((range) => copier.copyPart(of, uploadId, range.number, range)));

      it('copies 70 MiB with headers, metadata and tags, and goes on where another left off', { timeout: 60_000 }, async () => {
        const body = largeBody();
        await source.write('from here', body, { size: LARGE, like: sightLike({ size: LARGE, ...EVERYTHING }) });
        const sight = await observed('from here');
        const of = request({ ...sight, tags: TAGS }, { sourceKey: 'from here', key: 'to there' });
        const { uploadId } = await copier.startUpload(of);
        const done = await copyParts(of, uploadId, [...RANGES.slice(3), ...RANGES.slice(0, 1)]);
        const listed = await copier.listParts('to there', uploadId);
        const inOrder = [...done].sort((a, b) => a.number - b.number);
        expect(listed).toEqual(inOrder);
        expect(await destination.head('to there')).toEqual({ present: false });
        const rest = await copyParts(of, uploadId, RANGES.slice(1, 3));
        const written = await copier.completeUpload(of, uploadId, [...rest, ...(listed ?? [])]);
        const tags = traits.uploadsLoseTags ? {} : TAGS;
        expect(await seen(destination, 'to there')).toMatchObject({ etag: written.etag, size: LARGE, ...EVERYTHING, tags });
        expect((await readWhole(destination, 'to there', written.etag)).equals(body)).toBe(true);
        expect(await copier.listParts('to there', uploadId)).toBeNull();
      });

      it('leaves nothing when it is aborted, and aborting twice is no failure', async () => {
        await put(source, 'k', text('content'));
        const of = request(await observed());
        const { uploadId } = await copier.startUpload(of);
        const part = await copier.copyPart(of, uploadId, 1, { start: 0, end: 6 });
        await copier.abortUpload('k', uploadId);
        await copier.abortUpload('k', uploadId);
        expect(await copier.listParts('k', uploadId)).toBeNull();
        await expect(copier.completeUpload(of, uploadId, [part])).rejects.toSatisfy(isPrecondition('destination'));
        expect(await destination.head('k')).toEqual({ present: false });
      });

      it('lists no parts of an upload that has none', async () => {
        await put(source, 'k', text('content'));
        const { uploadId } = await copier.startUpload(request(await observed()));
        expect(await copier.listParts('k', uploadId)).toEqual([]);
      });

      it('refuses a part of a source that was overwritten', async () => {
        await put(source, 'k', text('one'));
        const of = request(await observed());
        const { uploadId } = await copier.startUpload(of);
        await put(source, 'k', text('two'));
        await expect(copier.copyPart(of, uploadId, 1, { start: 0, end: 2 })).rejects.toSatisfy(isPrecondition('source'));
        expect(await copier.listParts('k', uploadId)).toEqual([]);
      });

      if (!traits.copiesUnderMarkers) {
        it('refuses a part of a source that is gone', async () => {
          await put(source, 'k', text('one'));
          const of = request(await observed());
          const { uploadId } = await copier.startUpload(of);
          await source.remove('k');
          await expect(copier.copyPart(of, uploadId, 1, { start: 0, end: 2 })).rejects.toSatisfy(isPrecondition('source'));
        });
      }

      it('honours conditions on completing where that is claimed', async () => {
        await put(source, 'k', text('one'));
        await put(destination, 'k', text('theirs'));
        const of = request(await observed(), { condition: { ifAbsent: true } });
        const { uploadId } = await copier.startUpload(of);
        const part = await copier.copyPart(of, uploadId, 1, { start: 0, end: 2 });
        const completed = copier.completeUpload(of, uploadId, [part]);
        if ((await destination.capabilities()).conditionalPut) {
          await expect(completed).rejects.toSatisfy(isPrecondition('destination'));
          expect(await contentOf(destination, 'k')).toBe('theirs');
        } else {
          await completed;
          expect(await contentOf(destination, 'k')).toBe('one');
        }
      });

      if (!traits.fewParts) {
        it('lists more parts than one page holds', { timeout: 60_000 }, async () => {
          await put(source, 'k', text('content'));
          const of = request(await observed());
          const { uploadId } = await copier.startUpload(of);
          const numbers = Array.from({ length: 1_005 }, (_, i) => i + 1);
          await inParallel(numbers, 32, (number) => copier.copyPart(of, uploadId, number, { start: 0, end: 0 }));
          expect((await copier.listParts('k', uploadId))?.map(({ number }) => number)).toEqual(numbers);
        });
      }
    });
  });
}
