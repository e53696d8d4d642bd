import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

describe('the reporter that allows no silent skip', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tidemark-skips-'));
    symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
    const reporter = JSON.stringify(join(ROOT, 'test/fixtures/no-skips-reporter.ts'));
    writeFileSync(
      join(dir, 'vitest.config.ts'),
      `import { NoSkipsReporter } from ${reporter};\nexport default { test: { reporters: [new NoSkipsReporter()] } };\n`,
    );
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function run(body: string, env: Record<string, string>): { status: number | null; lines: string[]; stderr: string } {
    writeFileSync(join(dir, 'some.test.ts'), `import { beforeAll, expect, it } from 'vitest';\n${body}\n`);
    const child = spawnSync(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--root', dir], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...env },
    });
    return { status: child.status, lines: child.stdout.trim().split('\n'), stderr: child.stderr };
  }

  const ONE_SKIPPED = `it('runs', () => expect(1).toBe(1));\nit.skip('waits for a server', () => {});`;

  it('fails in CI when a test was skipped, and names it', () => {
    const result = run(ONE_SKIPPED, { CI: 'true' });

    expect(result.status).toBe(1);
    expect(result.lines.at(-1)).toBe('1 passed, 1 failed');
    expect(result.stderr).toContain('some.test.ts > waits for a server');
  });

  it('lets a skipped test be at a desk', () => {
    const result = run(ONE_SKIPPED, {});

    expect(result.status).toBe(0);
    expect(result.lines.at(-1)).toBe('1 passed, 0 failed');
  });

  it('counts a file that does not load as a failure', () => {
    const result = run(`throw new Error('does not load');`, { CI: 'true' });

    expect(result.status).toBe(1);
    expect(result.lines.at(-1)).toBe('0 passed, 1 failed');
  });

  it('counts a failed test once', () => {
    const result = run(`it('runs', () => expect(1).toBe(1));\nit('breaks', () => expect(1).toBe(2));`, { CI: 'true' });

    expect(result.status).toBe(1);
    expect(result.lines.at(-1)).toBe('1 passed, 1 failed');
  });
});
