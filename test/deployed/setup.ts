/** Once for all deployed tests: the emulator, and the app deployed to it. Where Python is missing the tests skip, aloud; with CI set they fail. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { emulatorAvailable, startEmulator } from '../fixtures/emulator.ts';
import { type Deployment, deploy } from './deployment.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where there is no emulator. */
    deployment: Deployment | null;
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!emulatorAvailable()) {
    project.provide('deployment', null);
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-deployed-'));
  const cleanUp = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    // Its functions are unpacked there and go with it. Not below the app: its package.json would make modules of their CommonJS.
    const [app, functions] = [join(folder, 'app'), join(folder, 'functions')];
    for (const each of [app, functions]) await mkdir(each);
    const script = join(import.meta.dirname, 'emulator/wrapped.py');
    const emulator = await startEmulator({ script, enforcing: true, env: { TMPDIR: functions } });
    const stop = async (): Promise<void> => {
      await emulator.stop();
      await cleanUp();
    };
    try {
      project.provide('deployment', await deploy(emulator, app));
    } catch (error) {
      await stop();
      throw error;
    }
    return stop;
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
