import { defineTidemark } from '../config/define.ts';

/** What is synthesised where there is no tidemark.config.ts yet: enough to read the templates, and never deployed. */
export const EXAMPLE = defineTidemark({
  regions: {
    primary: { bucket: { create: 'tidemark-example-primary' }, awsRegion: 'eu-west-1' },
    secondary: { bucket: { create: 'tidemark-example-secondary' }, awsRegion: 'us-east-1' },
  },
  routes: [{ from: 'primary', to: 'secondary' }],
});
