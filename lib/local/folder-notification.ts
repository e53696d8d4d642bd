/** What S3 would say of a change, said of a file: the embedded host makes the same events that AWS makes. */
import { WATCHED_FOLDER } from '../core/objects/notification.ts';

export interface FileFacts {
  readonly etag: string;
  readonly size: number;
}

export interface FolderChange {
  readonly region: string;
  readonly key: string;
  /** Null: there is no such file now. */
  readonly file: FileFacts | null;
  /** ms since the epoch. */
  readonly at: number;
}

/** @returns the JSON of a notification with one record; its bucket is the region's name */
export function folderNotification({ region, key, file, at }: FolderChange): string {
  const record = {
    eventVersion: '2.1',
    eventSource: WATCHED_FOLDER,
    awsRegion: region,
    eventTime: new Date(at).toISOString(),
    eventName: file ? 'ObjectCreated:Put' : 'ObjectRemoved:Delete',
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: region },
      object: { key: encodeKey(key), ...(file ? { size: file.size, eTag: file.etag } : {}) },
    },
  };
  return JSON.stringify({ Records: [record] });
}

/** As S3 does it: percent-encoded UTF-8, a space as `+`. */
function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+');
}
