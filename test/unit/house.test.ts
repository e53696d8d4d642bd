import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const SHIPPED = sources('{bin,lib,lambdas}/**/*.ts');
const read = (file: string): string => readFileSync(resolve(ROOT, file), 'utf8');

function sources(pattern: string): readonly string[] {
  return globSync(pattern, { cwd: ROOT }).sort();
}

function longerThan(files: readonly string[], lines: number): readonly string[] {
  return files.filter((file) => read(file).trimEnd().split('\n').length > lines);
}

/** What is left when comments are gone; a `//` inside a string goes too, which can only hide that line's tail. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

const IMPURE =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bMath\.random\b|\bprocess\b|\bglobalThis\b|\bperformance\b|\bcrypto\b|\bset(Timeout|Interval|Immediate)\b|\bfetch\(/;

describe('the size of files', () => {
  it('finds the sources at all', () => {
    expect(SHIPPED).toContain('lib/ports/objects.ts');
  });

  it('keeps every source at 300 lines or fewer', () => {
    expect(longerThan(SHIPPED, 300)).toEqual([]);
  });

  it('keeps every handler at 60 lines or fewer', () => {
    expect(longerThan(sources('lambdas/*/handler.ts'), 60)).toEqual([]);
  });
});

describe('the purity of core', () => {
  it.each([
    'const now = Date.now();',
    'const now = new Date();',
    'const seed = Math.random();',
    'const port = process.env.PORT;',
    'const id = crypto.randomUUID();',
    'setTimeout(retry, 5);',
  ])('would see %s', (line) => {
    expect(IMPURE.test(withoutComments(line))).toBe(true);
  });

  it.each(['const day = new Date(ms);', '// never Date.now()', '/** not process.env */', 'const processed = 1;'])('lets %s pass', (line) => {
    expect(IMPURE.test(withoutComments(line))).toBe(false);
  });

  it('takes neither time, chance nor surroundings from anywhere but its arguments', () => {
    const impure = sources('lib/core/**/*.ts').filter((file) => IMPURE.test(withoutComments(read(file))));

    expect(impure).toEqual([]);
  });
});

describe('what is installed', () => {
  interface LockedPackage {
    readonly version?: string;
    readonly resolved?: string;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  }
  type Manifest = Readonly<Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Readonly<Record<string, string>> | undefined>>;

  const manifest: Manifest = JSON.parse(read('package.json'));
  const locked: Readonly<Record<string, LockedPackage>> = JSON.parse(read('package-lock.json')).packages;

  it('has exact versions', () => {
    const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies });

    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('names no host in the lockfile, so that every registry serves', () => {
    expect(Object.entries(locked).filter(([, { resolved }]) => resolved?.startsWith('http'))).toEqual([]);
  });

  it('locks the optional packages of every platform: npm drops those that its registry does not offer, and `npm ci` then refuses the file', () => {
    const missing = Object.entries(locked).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {}).filter((name) => !foldersFrom(path).some((folder) => locked[`${folder}node_modules/${name}`])),
    );

    expect(missing).toEqual([]);
  });

  /** Where a package is looked for, from its user's own folder upwards. */
  function foldersFrom(path: string): readonly string[] {
    const above = path.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '');
    return path === '' ? [''] : [`${path}/`, ...foldersFrom(above)];
  }
});
