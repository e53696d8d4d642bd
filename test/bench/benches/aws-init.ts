import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, FUNCTIONS } from '../../../lib/infra/bundle.ts';
import { type Init, initOnce } from '../support/aws/init.ts';
import { stackEnvironment } from '../support/aws/run.ts';
import { type Bench, below, median, type Scale } from '../support/result.ts';
import { fixed } from '../support/rounds.ts';

const STARTS: Readonly<Record<Scale, number>> = { small: 3, full: 10 };
const GOAL_MS = 200;
const GOAL_KB = 1_000;

/** Beside what the stack sets; Lambda sets these. */
const LAMBDA = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example', AWS_SESSION_TOKEN: 'example' };

export const awsInit: Bench = {
  name: 'aws-init',
  run: async ({ scale, say }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
    try {
      const env = { ...LAMBDA, ...stackEnvironment('source', 'destination', 'table') };
      const functions = FUNCTIONS.map((name) => {
        const file = join(bundle(name, folder), 'index.mjs');
        const inits: Init[] = [];
        return { name, file, kb: statSync(file).size / 1000, inits };
      });
      for (let round = 1; round <= STARTS[scale]; round++) {
        for (const { file, inits } of functions) inits.push(initOnce(file, env));
        say(`  start ${round}/${STARTS[scale]}`);
      }
      const of = (inits: readonly Init[], field: keyof Init): readonly number[] => inits.map((init) => init[field]);
      return {
        title: 'Functions on AWS: bundles and cold starts',
        what: `Each bundle as it is deployed, imported ${STARTS[scale]} times by a fresh Node process that has the environment which the stack sets and no other; in turn, medians. A connection that is asked for meanwhile fails the run: nothing of the network is needed. On the machine above, not on Lambda: what Lambda does before it imports a function, the start of Node with it, is not in it, and is shown by itself.`,
        columns: ['function', 'bundle, kB', 'init, ms', 'range', 'CPU, ms', 'the start of Node before, ms'],
        rows: functions.map(({ name, kb, inits }) => {
          const times = of(inits, 'importMs');
          const range = `${fixed(Math.min(...times), 0)}–${fixed(Math.max(...times), 0)}`;
          const medians = [times, of(inits, 'cpuMs'), of(inits, 'nodeMs')].map((values) => fixed(median(values), 0));
          const [init = '', cpu = '', node = ''] = medians;
          return [name, fixed(kb, 0), init, range, cpu, node];
        }),
        goals: [
          below('largest bundle', Math.max(...functions.map(({ kb }) => kb)), GOAL_KB, 'kB'),
          ...functions.map(({ name, inits }) => below(`init of ${name}`, median(of(inits, 'importMs')), GOAL_MS, 'ms')),
        ],
        notes: [],
        runs: {},
        figures: Object.fromEntries(functions.map(({ name, inits }) => [`${name}Ms`, median(of(inits, 'importMs'))])),
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
