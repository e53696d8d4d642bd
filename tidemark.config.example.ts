/**
 * Copy this to tidemark.config.ts and change it. Without that file the embedded host replicates between two folders,
 * or what the environment variables of the README name.
 */
import { defineTidemark } from './lib/config/define.ts';

export default defineTidemark({
  regions: {
    primary: {
      bucket: { existing: 'acme-primary' },
      awsRegion: 'eu-west-1',
    },
    secondary: {
      bucket: { existing: 'acme-secondary' },
      awsRegion: 'us-east-1',
      // Leave the endpoint out for AWS itself.
      endpoint: 'http://127.0.0.1:9000',
      // Names of environment variables; the keys themselves are never written here.
      credentials: { accessKeyEnv: 'SECONDARY_S3_ACCESS_KEY', secretKeyEnv: 'SECONDARY_S3_SECRET_KEY' },
    },
    // A folder of this machine is a region too.
    archive: { folder: './data/regions/archive' },
  },
  routes: [
    { from: 'primary', to: 'secondary' },
    // Both written, each made equal to the other: { from: 'primary', to: 'secondary', bidirectional: true }, see docs/bidirectional.md.
    { from: 'primary', to: 'archive', prefix: 'contracts/', deletes: false, destinationPrefix: 'from-primary/' },
    // Chosen by suffix, size and tags, and no faster than this: docs/steering.md.
    {
      from: 'secondary',
      to: 'archive',
      name: 'reports',
      prefix: 'reports/',
      suffix: '.pdf',
      maxBytes: 100_000_000,
      throttle: { objectsPerSec: 50 },
    },
  ],
  limits: { maxRetries: 5 },
  // Who is told what was replicated: completions: { webhook: { url: 'https://hooks.example.com/tidemark', secretEnv: 'TIDEMARK_HOOK' } }
});
