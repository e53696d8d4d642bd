import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const LAYERS = 'eslint(no-restricted-imports)';
const CYCLES = 'import(no-cycle)';

/** A file of one import, at a place in the house, and the rule that must find it (null: it is allowed). */
type Planted = readonly [file: string, imports: string, rule: string | null];

const PLANTED: readonly Planted[] = [
  ['lib/core/a.ts', `import '../ports/objects.ts';`, LAYERS],
  ['lib/core/b.ts', `import { z } from 'zod';`, LAYERS],
  ['lib/core/c.ts', `import { readFileSync } from 'node:fs';`, LAYERS],
  ['lib/core/d.ts', `export * from '../usecases/ok.ts';`, LAYERS],
  ['lib/core/e.ts', `export const late = import('node:crypto');`, LAYERS],
  ['lib/core/f.ts', `import type { Clock } from '../ports/system.ts';`, LAYERS],
  ['lib/core/ok.ts', `import './objects/ok.ts';`, null],
  ['lib/core/objects/a.ts', `import '../../ports/objects.ts';`, LAYERS],
  ['lib/core/objects/b.ts', `import '@aws-sdk/client-s3';`, LAYERS],
  ['lib/core/objects/ok.ts', `import '../hash.ts';`, null],
  ['lib/core/objects/deep/a.ts', `import '../plan.ts';`, LAYERS],
  ['lib/ports/objects.ts', `import type { Sight } from '../core/objects/sight.ts';`, null],
  ['lib/ports/a.ts', `import type { Route } from '../config/config.ts';`, LAYERS],
  ['lib/ports/b.ts', `import { z } from 'zod';`, LAYERS],
  ['lib/usecases/a.ts', `import '../adapters/sqlite/state.ts';`, LAYERS],
  ['lib/usecases/b.ts', `import { request } from 'undici';`, LAYERS],
  ['lib/usecases/c.ts', `import { readFile } from 'node:fs/promises';`, LAYERS],
  ['lib/usecases/d.ts', `import '../local/host.ts';`, LAYERS],
  ['lib/usecases/e.ts', `import noise from 'noise';`, LAYERS],
  ['lib/usecases/f.ts', `import { request } from 'node:http';`, LAYERS],
  [
    'lib/usecases/ok.ts',
    `import '../ports/objects.ts';\nimport '../core/retry.ts';\nimport { createHash } from 'node:crypto';\nimport './plan.ts';`,
    null,
  ],
  ['lib/adapters/s3/a.ts', `import '../../local/host.ts';`, LAYERS],
  ['lib/adapters/s3/b.ts', `import '../../../lambdas/shared/logger.ts';`, LAYERS],
  ['lib/adapters/s3/c.ts', `import '../../infra/names.ts';`, LAYERS],
  ['lib/adapters/s3/d.ts', `import { replay } from '../../usecases/replay.ts';`, LAYERS],
  ['lib/adapters/s3/e.ts', `import '../../../bin/tidemark.ts';`, LAYERS],
  [
    'lib/adapters/s3/ok.ts',
    `import type { Replay } from '../../usecases/replay.ts';\nimport 'undici';\nimport 'node:fs';\nimport '../../ports/objects.ts';`,
    null,
  ],
  ['lib/local/a.ts', `import '../infra/names.ts';`, LAYERS],
  ['lib/local/ok.ts', `import '../../lambdas/replay/handler.ts';\nimport '../adapters/s3/store.ts';`, null],
  ['lib/local/b.ts', `import '../cli/main.ts';`, LAYERS],
  ['lib/cli/a.ts', `import '../infra/names.ts';`, LAYERS],
  ['lib/cli/commands/b.ts', `import { ENDPOINTS } from '../../../lambdas/api/endpoints.ts';`, LAYERS],
  [
    'lib/cli/commands/ok.ts',
    `import type { Answer } from '../../../lambdas/api/endpoint.ts';\nimport '../../adapters/s3/store.ts';\nimport '../../local/host.ts';`,
    null,
  ],
  ['lib/infra/a.ts', `import '../adapters/s3/store.ts';`, LAYERS],
  ['lib/infra/stacks/b.ts', `import '../../usecases/replay.ts';`, LAYERS],
  ['lib/infra/stacks/c.ts', `import '../../ports/objects.ts';`, LAYERS],
  ['lib/infra/stacks/ok.ts', `import '../../core/names.ts';\nimport '../constructs/queue.ts';\nimport 'aws-cdk-lib';`, null],
  ['lambdas/replay/handler.ts', `import '../../lib/local/host.ts';`, LAYERS],
  ['lambdas/replay/a.ts', `import '../../lib/infra/names.ts';`, LAYERS],
  ['lambdas/replay/ok.ts', `import '../shared/logger.ts';\nimport '../../lib/usecases/replay.ts';\nimport '../../lib/adapters/s3/store.ts';`, null],
  ['bin/a.ts', `import '../test/fixtures/clock.ts';`, LAYERS],
  ['bin/ok.ts', `import '../lib/local/host.ts';`, null],
  ['lib/core/log/left.ts', `import './right.ts';`, CYCLES],
  ['lib/core/log/right.ts', `import './left.ts';`, CYCLES],
  ['lib/core/sync/left.ts', `import type { Right } from './right.ts';\nexport type Left = Right[];`, CYCLES],
  ['lib/core/sync/right.ts', `import type { Left } from './left.ts';\nexport type Right = { left: Left };`, CYCLES],
];

describe('the layers of the house', () => {
  let dir: string;
  const found = new Map<string, Set<string>>();

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'tidemark-layers-'));
    copyFileSync(join(ROOT, '.oxlintrc.json'), join(dir, '.oxlintrc.json'));
    for (const [file, imports] of PLANTED) {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      writeFileSync(join(dir, file), `${imports}\n`);
    }
    const args = [join(ROOT, 'node_modules/oxlint/bin/oxlint'), '--format', 'json', 'bin', 'lib', 'lambdas'];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8' });
    if (!stdout.startsWith('{')) throw new Error(`the linter did not answer: ${stdout}${stderr}`);
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
    for (const { code, filename } of diagnostics) found.set(filename, (found.get(filename) ?? new Set()).add(code));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it.each(PLANTED)('%s', (file, _imports, rule) => {
    const rules = found.get(file) ?? new Set();

    expect(rules.has(LAYERS)).toBe(rule === LAYERS);
    expect(rules.has(CYCLES)).toBe(rule === CYCLES);
  });
});
