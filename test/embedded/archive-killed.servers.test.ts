/** A process that dies at any step of a commit leaves a table that others read, and the next run goes on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderTableFiles } from '../../lib/adapters/filesystem/table-files.ts';
import { archive } from '../../lib/usecases/iceberg/archive.ts';
import { compactTable } from '../../lib/usecases/iceberg/compact.ts';
import { readTable } from '../../lib/usecases/iceberg/read.ts';
import { ALL, BEFORE, change } from '../fixtures/archive-child.ts';
import { someEvents, streamOf, tableDeps } from '../fixtures/archive-events.ts';
import { countByOthers, readersAvailable } from '../fixtures/iceberg-readers.ts';

const CHILD = join(import.meta.dirname, '../fixtures/archive-child.ts');
const EVENTS = someEvents(ALL, { hours: 30 });

describe.skipIf(!readersAvailable())('a process killed', () => {
  let top: string;
  beforeAll(async () => {
    top = await mkdtemp(join(tmpdir(), 'tidemark-killed-'));
  });
  afterAll(() => rm(top, { recursive: true }));

  it('at any step of an append or a compaction', { timeout: 120_000 }, async () => {
    const points = [...(await pointsOf(top, 'archive', ['parquet', 'parquet'])), ...(await pointsOf(top, 'compact', ['parquet']))];
    const lanes = [points.filter((_, at) => at % 2 === 0), points.filter((_, at) => at % 2 === 1)];
    await Promise.all(
      lanes.map(async (lane) => {
        for (const { folder, kind, when, step } of lane) expect(await killed([folder, kind, when, String(step)])).toBe('SIGKILL');
      }),
    );

    // Others go by the hint, which is written last; we look for what came after it.
    for (const { folder, kind, isHint } of points) expect(await sequences(folder)).toHaveLength(kind === 'archive' && isHint ? ALL : BEFORE);
    const folders = points.map(({ folder }) => folder);
    expect(await countByOthers(folders)).toEqual(folders.map(() => ({ pyiceberg: whole(BEFORE), duckdb: whole(BEFORE) })));

    for (const { folder, kind } of points) {
      const deps = tableDeps(new FolderTableFiles(folder));
      if (kind === 'compact') await compactTable(deps, { targetBytes: 1 << 20, minFiles: 2, maxManifests: 2 });
      expect(await archive(deps, { stream: 'a', events: streamOf(EVENTS) })).toMatchObject({ through: ALL });
      expect(await sequences(folder)).toEqual(EVENTS.map(({ event }) => event.sequence));
    }
    expect(await countByOthers(folders)).toEqual(folders.map(() => ({ pyiceberg: whole(ALL), duckdb: whole(ALL) })));
  });
});

/** Each write of a change, before it and within it. @param data the data files that it writes */
async function pointsOf(top: string, kind: string, data: readonly string[]) {
  const steps: string[] = [];
  await change(join(top, kind, 'whole'), kind, (name) => steps.push(name));
  const kinds = steps.map((name) => name.replace(/^.*(parquet|-m0\.avro|snap-|v\d+\.metadata|hint).*$/, '$1'));
  expect(kinds).toEqual([...data, '-m0.avro', 'snap-', 'v5.metadata', 'hint']);
  return steps.flatMap((name, at) =>
    ['before', 'within'].map((when) => ({ kind, when, step: at + 1, isHint: name.includes('hint'), folder: join(top, kind, `${when}-${at + 1}`) })),
  );
}

function whole(rows: number): readonly number[] {
  return [rows, rows, 1, rows];
}

async function sequences(folder: string): Promise<number[]> {
  const found: number[] = [];
  const { files, rows } = tableDeps(new FolderTableFiles(folder));
  for await (const batch of readTable({ files, rows })) found.push(...batch.map(({ event }) => event.sequence));
  return found;
}

async function killed(args: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: 'inherit' });
  const [, signal] = await once(child, 'exit');
  return signal;
}
