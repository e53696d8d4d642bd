import { afterAll, beforeAll, expect, it } from 'vitest';
import { HostUnderTest } from './support.ts';

let host: HostUnderTest;

beforeAll(async () => {
  host = await HostUnderTest.create({}, {}, { canary: { everySec: 10 } });
});
afterAll(() => host.dispose());

it('is sent by the host, brought across by its watch, and measured', async () => {
  const delay = async (): Promise<unknown> => {
    const { routes } = (await host.call('GET', '/metrics')).body as { routes: Record<string, { canaryDelayMs?: number }> };
    return routes['primary-secondary']?.canaryDelayMs;
  };

  await host.eventually(async () => typeof (await delay()), 'number');

  expect(await delay()).toBeLessThan(10_000);
  expect((await host.destination.head('.tidemark-canary/primary-secondary')).present).toBe(true);
});
