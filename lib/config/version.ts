import manifest from '../../package.json' with { type: 'json' };

/** Of this Tidemark, as reports name it. */
export const VERSION: string = manifest.version;
