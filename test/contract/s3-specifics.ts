/** What only a store behind S3's protocol has: versions, checksums, uploads under way, headers of its own. */
import { ListMultipartUploadsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Region, type S3Bucket, type S3Region, serverSideLink } from '../../lib/adapters/s3/index.ts';
import { LeaseLostError } from '../../lib/core/errors.ts';
import type { Capabilities } from '../../lib/ports/objects.ts';
import type { S3Server, ServerKind } from '../fixtures/s3-servers.ts';
import { contentOf, isPrecondition, put, seen, sightLike, text } from './object-store-support.ts';

const MIB = 1024 * 1024;
const SIZE = 40 * MIB + 5;
/** Seven parts, so that buffers are used again. */
const MANY_PARTS = 100 * MIB + 5;

/** What docs/capability-matrix.md says of these servers. */
const EXPECTED: Readonly<Record<ServerKind, (versioned: boolean) => Capabilities>> = {
  // Versioned, it takes a delete marker for an object: If-None-Match refuses to write a removed key again.
  versitygw: (versioned) => ({
    conditionalPut: !versioned,
    writable: true,
    conditionalCopy: false,
    conditionalDelete: true,
    tags: true,
    checksums: true,
    versioned,
    neverVersioned: !versioned,
    listsInOrder: true,
    copiesHeaders: true,
    servesWebsite: false,
  }),
  minio: (versioned) => ({
    conditionalPut: true,
    writable: true,
    conditionalCopy: false,
    conditionalDelete: versioned,
    tags: true,
    checksums: true,
    versioned,
    neverVersioned: !versioned,
    listsInOrder: true,
    copiesHeaders: false,
    servesWebsite: false,
  }),
};

async function* blocks(size: number, atEach: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < size; offset += MIB) {
    const block = Buffer.alloc(Math.min(MIB, size - offset), offset / MIB);
    atEach();
    yield block;
  }
}

export function s3Specifics(name: string, server: () => S3Server, { versioned }: { readonly versioned: boolean }): void {
  describe(`S3: ${name}`, () => {
    let region: S3Region;
    let store: S3Bucket;
    beforeEach(async () => {
      region = createS3Region(server());
      store = region.bucket(await server().createBucket({ versioned }));
    });
    afterEach(() => region.close());

    const uploadsUnderWay = async (): Promise<number> => {
      const answer = await server().admin.send(new ListMultipartUploadsCommand({ Bucket: store.name, Prefix: 'k' }));
      return answer.Uploads?.length ?? 0;
    };

    describe('capabilities', () => {
      it('are found by trying, and trying leaves nothing behind', async () => {
        const { kind, admin } = server();
        expect(await store.capabilities()).toEqual(EXPECTED[kind](versioned));
        const left = await admin.send(new ListObjectVersionsCommand({ Bucket: store.name }));
        expect([...(left.Versions ?? []), ...(left.DeleteMarkers ?? [])]).toEqual([]);
      });

      it('are not kept when the endpoint did not answer', async () => {
        const nobody = createS3Region({ ...server(), endpoint: 'http://127.0.0.1:1' });
        await expect(nobody.bucket('b').capabilities()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
        const missing = region.bucket('no-such-bucket');
        await expect(missing.capabilities()).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
        await expect(missing.capabilities()).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
        nobody.close();
      });
    });

    it('tells of wrong credentials', async () => {
      const { credentials } = server();
      const stranger = createS3Region({ ...server(), credentials: { ...credentials, secretAccessKey: 'another' } });
      const denied = stranger.bucket(store.name);
      const acts = [() => denied.head('k'), () => denied.check(), () => denied.list({}), () => put(denied, 'k', text('x')), () => denied.remove('k')];
      for (const act of acts) await expect(act()).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
      stranger.close();
    });

    it('copies by itself only what one credential reaches', () => {
      const same = createS3Region({ ...server(), region: 'eu-west-1' });
      const other = createS3Region({ ...server(), credentials: { accessKeyId: 'other', secretAccessKey: 'other' } });
      expect(serverSideLink(same.bucket('b'), store)).not.toBeNull();
      expect(serverSideLink(other.bucket('b'), store)).toBeNull();
      same.close();
      other.close();
    });

    it('keeps metadata of any language', async () => {
      const metadata = { city: 'Zürich', long: '😀'.repeat(60), plain: 'a=b; "c"' };
      await put(store, 'k', text('x'), { like: sightLike({ metadata }) });
      expect((await seen(store, 'k')).metadata).toEqual(metadata);
    });

    it('keeps the expiry as it was written, and a redirect, where the server does', async () => {
      const headers = { contentType: 'text/plain', expires: '0', websiteRedirectLocation: '/elsewhere' };
      await put(store, 'k', text('x'), { like: sightLike({ headers }) });
      // minio shows no expiry that is no date, and knows no redirects.
      expect((await seen(store, 'k')).headers).toEqual(server().kind === 'minio' ? { contentType: 'text/plain' } : headers);
    });

    it('does without a storage class that the store does not know', async () => {
      const like = sightLike({ size: 1, storageClass: 'EXPRESS_TOMORROW', metadata: { kept: 'yes' } });
      await put(store, 'k', text('x'), { like });
      await put(store, 'k', text('y'), { like });
      expect((await seen(store, 'k')).metadata).toEqual({ kept: 'yes' });
      expect(await contentOf(store, 'k')).toBe('y');
    });

    it('writes the class that a route names, in every way, where the server knows classes', async () => {
      const overridden = region.bucket(store.name, { storageClass: 'REDUCED_REDUNDANCY' });
      const copier = serverSideLink(store, overridden);
      await put(store, 'source', text('x'), { like: sightLike({ size: 1 }) });
      await put(overridden, 'put', text('x'), { like: sightLike({ size: 1 }) });
      const of = { sourceKey: 'source', key: 'parts', sight: await seen(store, 'source') };
      await copier?.copy({ ...of, key: 'copy' });
      const { uploadId } = (await copier?.startUpload(of)) ?? { uploadId: '' };
      const part = await copier?.copyPart(of, uploadId, 1, { start: 0, end: 0 });
      await copier?.completeUpload(of, uploadId, part ? [part] : []);

      // versitygw takes any class and keeps none.
      const kept = server().kind === 'minio' ? 'REDUCED_REDUNDANCY' : 'STANDARD';
      for (const key of ['put', 'copy', 'parts']) expect((await seen(store, key)).storageClass).toBe(kept);
    });

    it('is refused as a destination of a route that names a key of KMS, which neither server has', async () => {
      const kmsKeyArn = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

      await expect(region.bucket(store.name, { kmsKeyArn }).capabilities()).rejects.toMatchObject({ code: 'REJECTED' });
      const left = await server().admin.send(new ListObjectVersionsCommand({ Bucket: store.name }));
      expect([...(left.Versions ?? []), ...(left.DeleteMarkers ?? [])]).toEqual([]);
    });

    it('refuses bytes that are not those of the source, by its checksum', async () => {
      const checksum = { algorithm: 'CRC64NVME', value: 'Lb1nAmRU5LE=', type: 'FULL_OBJECT' } as const;
      const written = await put(store, 'k', text('x'), { like: sightLike({ size: 1, checksum }) });
      expect(written.checksum).toEqual(checksum);
      expect((await seen(store, 'k')).checksum).toEqual(checksum);
      await expect(put(store, 'k', text('y'), { like: sightLike({ size: 1, checksum }) })).rejects.toMatchObject({ code: 'INTEGRITY' });
      expect(await contentOf(store, 'k')).toBe('x');
    });

    it('never takes a key for another one', async () => {
      await put(store, 'a/b', text('untouched'));
      for (const key of ['a//b', 'a/./b', 'x/../a/b', '/a/b']) {
        await expect(put(store, key, text('folded'))).rejects.toMatchObject({ code: 'KEY_NOT_STORABLE' });
        await store.remove(key).catch(() => undefined);
      }
      expect(await contentOf(store, 'a/b')).toBe('untouched');
    });

    it('shows a delete marker as absence', async () => {
      await put(store, 'k', text('x'));
      const { etag } = await seen(store, 'k');
      await store.remove('k');
      expect(await store.head('k', { tags: true })).toEqual({ present: false });
      await expect(store.read('k', { etag })).rejects.toSatisfy(isPrecondition('source'));
      await expect(store.putTags('k', { a: 'b' })).rejects.toSatisfy(isPrecondition('destination'));
    });

    describe('large bodies', () => {
      it('travel in parts, with every property set', { timeout: 60_000 }, async () => {
        const like = sightLike({ size: MANY_PARTS, metadata: { a: 'b' }, tags: { t: '1' }, headers: { contentType: 'x/y' } });
        let commits = 0;
        const written = await store.write('k', blocks(MANY_PARTS), { size: MANY_PARTS, like, beforeCommit: () => commits++ });
        expect(commits).toBe(1);
        expect(written.etag).toMatch(/-13$/);
        expect(await seen(store, 'k')).toMatchObject({
          etag: written.etag,
          size: MANY_PARTS,
          metadata: { a: 'b' },
          tags: { t: '1' },
          headers: { contentType: 'x/y' },
        });
        const { body } = await store.read('k', { etag: written.etag });
        expect(body).not.toBeInstanceOf(Uint8Array);
        let offset = 0;
        for await (const chunk of body instanceof Uint8Array ? [body] : body) {
          for (const at of [0, chunk.length - 1]) expect(chunk[at]).toBe(Math.floor((offset + at) / MIB));
          offset += chunk.length;
        }
        expect(offset).toBe(MANY_PARTS);
      });

      it.each([
        ['shorter', SIZE - 1],
        ['longer', SIZE + 1],
      ])('leave no upload behind when %s than was said', { timeout: 60_000 }, async (_word, length) => {
        await expect(store.write('k', blocks(length), { size: SIZE, like: sightLike() })).rejects.toMatchObject({ code: 'INTEGRITY' });
        expect(await store.head('k')).toEqual({ present: false });
        expect(await uploadsUnderWay()).toBe(0);
      });

      it('leave no upload behind when the lease is lost', { timeout: 60_000 }, async () => {
        const lost = new LeaseLostError('k', 'another worker has it');
        const controller = new AbortController();
        let seenBlocks = 0;
        const body = blocks(SIZE, () => ++seenBlocks === 20 && controller.abort(lost));
        await expect(store.write('k', body, { size: SIZE, like: sightLike(), signal: controller.signal })).rejects.toBe(lost);
        const beforeCommit = (): void => {
          throw lost;
        };
        await expect(store.write('k', blocks(SIZE), { size: SIZE, like: sightLike(), beforeCommit })).rejects.toBe(lost);
        expect(await store.head('k')).toEqual({ present: false });
        expect(await uploadsUnderWay()).toBe(0);
      });
    });
  });
}
