/** Two regions on servers of their own, a host that replicates between them, gateways beside it, and a client that never rests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TidemarkInput } from '../../../lib/config/define.ts';
import { ChildHost } from '../../embedded/child-host.ts';
import { until } from '../../fixtures/until.ts';
import { Client } from './client.ts';
import type { Late, Verdict, Write } from './ledger.ts';
import { Region } from './region.ts';

export interface StageOptions {
  readonly leaseSec: number;
  readonly mode: 'auto' | 'manual';
  /** @default 1 */
  readonly gateways?: number;
  /** The regions are reached through gates, which can fail in many ways. @default false */
  readonly gated?: boolean;
  /** Where the control record, the queue and the records lie. @default beside all else */
  readonly storeFolder?: string;
  /** Where the first region keeps its objects. @default beside all else */
  readonly regionFolder?: string;
}

export interface State {
  readonly active: string;
  readonly epoch: number;
  readonly writes: 'open' | 'closed' | 'unknown';
  readonly phase: string | null;
  /** `at`: ms since the epoch. */
  readonly switches: readonly { readonly epoch: number; readonly kind: string; readonly at: number; readonly by: string; readonly why: string }[];
}

interface AuditEntry {
  readonly action: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

interface ConflictPage {
  readonly conflicts: readonly { readonly key: string; readonly loser: { readonly region: string } }[];
  readonly cursor?: string;
}

interface Metrics {
  readonly counts: { readonly done: number };
  readonly lagMs: number;
  readonly queue: { readonly waiting: number; readonly inFlight: number };
}

const CREDENTIALS = { accessKeyEnv: 'DRILL_ACCESS_KEY', secretKeyEnv: 'DRILL_SECRET_KEY' };
const DRAINED_WITHIN_MS = 300_000;
/** Characters of each process. */
const COMPLAINTS = 1_000;
const VERIFIED_WITHIN_MS = 120_000;

export class Stage {
  readonly folder: string;
  readonly primary: Region;
  readonly secondary: Region;
  /** By their place; replaced when one is started again. */
  readonly gateways: ChildHost[] = [];
  host: ChildHost;
  client: Client;
  readonly #env: Readonly<Record<string, string>>;
  readonly #onExit = (): void => {
    for (const child of this.#children) if (!child.ended) child.process.kill('SIGKILL');
  };
  readonly #children: ChildHost[] = [];

  private constructor(folder: string, regions: readonly [Region, Region], env: Readonly<Record<string, string>>) {
    this.folder = folder;
    [this.primary, this.secondary] = regions;
    this.#env = env;
    process.once('exit', this.#onExit);
    this.host = this.#spawn(['serve'], '0');
    this.client = new Client([]);
  }

  static async set({ leaseSec, mode, gateways = 1, gated = false, storeFolder, regionFolder }: StageOptions): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-drill-'));
    const primary = await Region.start('primary', regionFolder ?? join(folder, 'primary'));
    const secondary = await Region.start('secondary', join(folder, 'secondary'));
    const regionOf = ({ server, gate, bucketName }: Region): TidemarkInput['regions'][string] => ({
      bucket: { existing: bucketName },
      awsRegion: server.region,
      endpoint: gated ? gate.endpoint : server.endpoint,
      credentials: CREDENTIALS,
    });
    const config: TidemarkInput = {
      regions: { primary: regionOf(primary), secondary: regionOf(secondary) },
      routes: [{ from: 'primary', to: 'secondary', bidirectional: true }],
      gateway: { leaseSec, mode },
      // What no event told of is found soon, and so is what was held by a worker that could not say how it ended.
      limits: { reconcileSec: 5, deleteGraceSec: 1, verifyGraceSec: 2, leaseSec: 10, lookSec: 10 },
    };
    await writeFile(join(folder, 'tidemark.config.ts'), `export default ${JSON.stringify(config)};\n`);
    const { accessKeyId, secretAccessKey } = primary.server.credentials;
    const env = {
      DATABASE_URL: join(storeFolder ?? folder, 'tidemark.db'),
      DRILL_ACCESS_KEY: accessKeyId,
      DRILL_SECRET_KEY: secretAccessKey,
      LOG_LEVEL: 'warn',
    };
    const stage = new Stage(folder, [primary, secondary], env);
    try {
      await stage.host.ready();
      for (let at = 0; at < gateways; at++) await stage.startGateway(at);
      stage.client = new Client(stage.gateways.map(({ url = '' }) => url));
      return stage;
    } catch (error) {
      await stage.dispose();
      throw error;
    }
  }

  /** At its former address, where it had one. */
  async startGateway(at: number): Promise<void> {
    const port = this.gateways[at]?.url === undefined ? '0' : new URL(this.gateways[at].url).port;
    const gateway = this.#spawn(['serve', '--gateway'], port);
    this.gateways[at] = gateway;
    await gateway.ready();
  }

  /** As one gateway tells it. */
  async state(at = 0): Promise<State> {
    return (await (await fetch(`${this.gateways[at]?.url}/admin/state`)).json()) as State;
  }

  /** A person's switch. @throws Error where it is refused */
  async promote(region: string, { at = 0, force = false } = {}): Promise<void> {
    const answer = await fetch(`${this.gateways[at]?.url}/admin/failover/promote`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ region, force }),
    });
    if (!answer.ok) throw new Error(`promotion refused: ${answer.status} ${await answer.text()}`);
  }

  /** So many more writes are acknowledged. */
  async acked(writes: number, { withinMs }: { readonly withinMs: number }): Promise<void> {
    await this.#newWrites(() => true, writes, withinMs, `${writes} more writes are acknowledged`);
  }

  /** This gateway acknowledges a write, in this epoch or a later one. */
  async ackedBy(at: number, { epoch, withinMs }: { readonly epoch: number; readonly withinMs: number }): Promise<void> {
    const url = this.gateways[at]?.url;
    const is = (write: Write): boolean => write.through === url && (write.epoch ?? 0) >= epoch;
    await this.#newWrites(is, 1, withinMs, `gateway ${at} acknowledges a write in epoch ${epoch} or later`);
  }

  async #newWrites(is: (write: Write) => boolean, writes: number, withinMs: number, what: string): Promise<void> {
    const { ledger } = this.client;
    const before = ledger.writes.length;
    await until(() => ledger.writes.slice(before).filter((write) => write.end === 'acked' && is(write)).length >= writes, { withinMs, what });
  }

  /** What the audit trail tells of promotions, by people. */
  async promotions(): Promise<readonly { readonly epoch: unknown }[]> {
    const answer = await fetch(`${this.host.url}/audit?limit=500&action=failover.promote`);
    const { entries } = (await answer.json()) as { readonly entries: readonly { readonly entry: AuditEntry | null }[] };
    return entries.flatMap(({ entry }) => (entry?.action === 'failover.promote' ? [{ epoch: entry.details?.epoch }] : []));
  }

  /**
   * Once the client has stopped: all is carried over, both sides are equal by a deep verify, and what is there is held against the ledger.
   * @throws Error where that does not come to pass
   */
  async settle(): Promise<Verdict> {
    await until(() => this.#isDrained(), { withinMs: DRAINED_WITHIN_MS, what: 'all changes are carried over', everyMs: 200 });
    // What a reconcile still finds is carried over meanwhile.
    await this.#agrees(['verify', '--deep'], 'finds both sides equal');
    await this.#agrees(['audit', 'verify'], 'finds the audit trail whole');
    const [ours, theirs] = [await this.primary.versions(), await this.secondary.versions()];
    for (const [key, version] of ours) if (theirs.get(key) !== version) throw new Error(`${key}: the regions differ after a verify found them equal`);
    const verdict = this.client.ledger.judge(ours);
    await this.#demandTold(verdict.late);
    return verdict;
  }

  async dispose(): Promise<void> {
    await this.client.stop();
    await Promise.all(this.#children.map((child) => child.kill()));
    process.removeListener('exit', this.#onExit);
    await this.primary.dispose();
    await this.secondary.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What each process complained of last. */
  get complaints(): string {
    return this.#children.map(({ errors }) => errors.slice(-COMPLAINTS)).join('\n');
  }

  /** Changes that have been carried over. */
  async crossed(): Promise<number> {
    return (await this.#metrics()).counts.done;
  }

  async #metrics(): Promise<Metrics> {
    return (await (await fetch(`${this.host.url}/metrics`)).json()) as Metrics;
  }

  async #isDrained(): Promise<boolean> {
    const { lagMs, queue } = await this.#metrics();
    return lagMs === 0 && queue.waiting + queue.inFlight === 0;
  }

  /** What lost stands on the list of conflicts, for a person. */
  async #demandTold(late: readonly Late[]): Promise<void> {
    if (late.length === 0) return;
    const told = new Set<string>();
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const answer = await fetch(`${this.host.url}/conflicts?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`);
      const page = (await answer.json()) as ConflictPage;
      for (const { key, loser } of page.conflicts) told.add(`${loser.region} ${key}`);
      cursor = page.cursor;
    }
    const untold = late.filter(({ key, region }) => !told.has(`${region} ${key}`));
    if (untold.length > 0) throw new Error(`overwritten by an older write, and no conflict tells of it: ${untold.map(({ key }) => key).join(', ')}`);
  }

  async #agrees(command: readonly string[], what: string): Promise<void> {
    let said = '';
    const isFine = async (): Promise<boolean> => {
      const run = this.#spawn([...command, '--url', this.host.url ?? ''], '0');
      const code = await run.exit(VERIFIED_WITHIN_MS);
      said = run.output + run.errors;
      return code === 0;
    };
    await until(isFine, { withinMs: VERIFIED_WITHIN_MS, what: `tidemark ${command.join(' ')} ${what}`, everyMs: 1_000 }).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${said}`);
    });
  }

  #spawn(command: readonly string[], port: string): ChildHost {
    const child = new ChildHost(this.folder, { env: { ...this.#env, PORT: port }, command });
    this.#children.push(child);
    return child;
  }
}
