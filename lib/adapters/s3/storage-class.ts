/** An object keeps its storage class where the destination knows it; a store that doesn't must not stop the copy. */
import type { StorageClass } from '@aws-sdk/client-s3';
import { TidemarkError } from '../../core/errors.ts';
import type { Sight } from '../../core/objects/sight.ts';

type ClassFields = { readonly StorageClass?: StorageClass };

/** Remembers what a store refused, so that it is asked once and not for every object. */
export class StorageClasses {
  readonly #refused = new Set<string>();

  /** @param act called with the class, and once more without it where the store doesn't know it */
  async keep<T>(bucket: string, like: Sight, act: (fields: ClassFields) => Promise<T>): Promise<T> {
    const wanted = like.storageClass;
    const name = `${bucket}/${wanted}`;
    if (wanted === undefined || wanted === 'STANDARD' || this.#refused.has(name)) return act({});
    try {
      // The name as the source says it: the SDK's list of classes only lags behind.
      return await act({ StorageClass: wanted as StorageClass });
    } catch (error) {
      if (!(error instanceof TidemarkError) || error.fields.s3Code !== 'InvalidStorageClass') throw error;
      this.#refused.add(name);
      return act({});
    }
  }
}
