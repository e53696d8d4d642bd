/** What a store sends when an object changes. */
import type { ObjectChange } from '../../lib/core/change.ts';

/** Of varying length, as S3's are: the shorter is to be padded on the right. */
export function sequencerOf(stamp: number): string {
  return (0x10000 + stamp * 0x800).toString(16).toUpperCase().replace(/0+$/, '');
}

/** A change as S3 tells of it. */
export function notification(change: ObjectChange, bucket = 'source'): string {
  const names = { PUT: 'ObjectCreated:Put', DELETE: 'ObjectRemoved:Delete', TAG: 'ObjectTagging:Put', UNKNOWN: '' };
  const { key, etag, size, sequencer } = change;
  const object = {
    key: encodeURIComponent(key),
    ...(etag ? { eTag: etag } : {}),
    ...(size === undefined ? {} : { size }),
    ...(sequencer ? { sequencer } : {}),
  };
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'x',
    eventTime: new Date(change.ts).toISOString(),
    eventName: names[change.op],
    s3: { bucket: { name: bucket }, object },
  };
  return JSON.stringify({ Records: [record] });
}
