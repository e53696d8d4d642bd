export interface Version {
  /** What the bytes are; two versions of one label have one etag, as on S3. */
  readonly label: string;
  readonly size: number;
  readonly meta: string;
  readonly tags: string;
  readonly lastModified: number;
  readonly versionId: string;
  /** Which write of the user this is, or is a copy of: what no store shows and the invariants are about. */
  readonly stamp: number;
  /** Of a store that does not copy in one moment: begun without a lease while nothing was recorded of the key. */
  readonly unguarded?: true;
  /** Its bytes have rotted: what reads them alone can tell. */
  readonly damaged?: true;
}
