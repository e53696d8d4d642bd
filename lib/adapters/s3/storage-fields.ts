/** How the store is to keep what is written: in which class, encrypted with which key. */
import type { StorageClass } from '@aws-sdk/client-s3';
import { TidemarkError } from '../../core/errors.ts';
import type { Sight } from '../../core/objects/sight.ts';
import type { Route } from '../../core/routes/route.ts';

/** What a route wants of all that it writes, whatever the source is kept as. */
export type Overrides = Pick<Route, 'storageClass' | 'kmsKeyArn'>;

/** Of PutObject, CopyObject and CreateMultipartUpload; parts bring none. */
export interface KeptAs {
  readonly StorageClass?: StorageClass;
  readonly ServerSideEncryption?: 'aws:kms';
  readonly SSEKMSKeyId?: string;
}

/** Remembers which classes a store refused, so that it is asked once and not for every object. */
export class StorageFields {
  readonly #refused = new Set<string>();
  readonly #asked: string | undefined;
  readonly #encryption: KeptAs;

  constructor({ storageClass, kmsKeyArn }: Overrides = {}) {
    this.#asked = storageClass;
    this.#encryption = kmsKeyArn === undefined ? {} : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyArn };
  }

  /**
   * The source's own class is kept where the store knows it, and must not stop the copy where it doesn't.
   * @param act called with the fields, and once more without the class where the store doesn't know it
   * @throws TidemarkError REJECTED where the store doesn't know the class that the route asks for
   */
  async keep<T>(bucket: string, like: Sight, act: (fields: KeptAs) => Promise<T>): Promise<T> {
    const wanted = like.storageClass;
    const name = `${bucket}/${wanted}`;
    if (wanted === undefined || wanted === 'STANDARD' || this.#refused.has(name)) return act(this.#encryption);
    try {
      // The name as it was given: the SDK's list of classes only lags behind.
      return await act({ ...this.#encryption, StorageClass: wanted as StorageClass });
    } catch (error) {
      if (!(error instanceof TidemarkError) || error.fields.s3Code !== 'InvalidStorageClass') throw error;
      if (wanted === this.#asked) throw unknownClass(wanted, error);
      this.#refused.add(name);
      return act(this.#encryption);
    }
  }
}

/** In silence, the objects would lie in a class that costs or keeps otherwise than the configuration says. */
function unknownClass(wanted: string, error: TidemarkError): TidemarkError {
  return new TidemarkError('REJECTED', `the store does not know the storage class ${wanted} that the route asks for`, error.fields, error);
}
