/** An app in a folder of its own, deployed and destroyed by the commands that people type. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TidemarkInput } from '../../lib/config/define.ts';
import type { Outputs } from '../../lib/infra/commands/cdk.ts';

export interface Account {
  readonly endpoint: string;
  /** Path of the certificate that the endpoint has. */
  readonly certificatePath: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly region: string;
}

const ROOT = join(import.meta.dirname, '../..');
const CLI = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
const OUTPUTS = 'cdk.out/outputs.json';
const LIMIT_MS = 120_000;

export class App {
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #account: string;

  /** @param folder an empty one */
  constructor(folder: string, { endpoint, certificatePath, credentials, region }: Account) {
    this.#folder = folder;
    this.#account = credentials.accessKeyId;
    this.#env = {
      PATH: process.env.PATH ?? '',
      // Nobody's profile, cache or consent is used.
      HOME: folder,
      CI: 'true',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: region,
      NODE_EXTRA_CA_CERTS: certificatePath,
    };
  }

  /** By the stock CDK CLI. One after the other: the emulator lost a parameter of one region when the CLI made both at the same time. */
  async bootstrap(...regions: readonly string[]): Promise<void> {
    for (const region of regions) await this.#node(CLI, 'bootstrap', `aws://${this.#account}/${region}`);
  }

  /** npm run deploy. @throws Error with what was printed */
  async deploy(input: TidemarkInput): Promise<{ readonly outputs: Outputs; readonly printed: string }> {
    await this.#write(input);
    const printed = await this.#node(join(ROOT, 'lib/infra/commands/deploy.ts'));
    return { outputs: JSON.parse(await readFile(join(this.#folder, OUTPUTS), 'utf8')), printed };
  }

  /** npm run destroy. @returns what was printed */
  destroy(): Promise<string> {
    return this.#node(join(ROOT, 'lib/infra/commands/destroy.ts'), '--force');
  }

  async #write(input: TidemarkInput): Promise<void> {
    const app = `"${process.execPath}" "${join(ROOT, 'bin/app.ts')}"`;
    const files = {
      'package.json': '{ "type": "module" }',
      'cdk.json': JSON.stringify({ app, requireApproval: 'never', notices: false }),
      'tidemark.config.ts': configOf(input),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(this.#folder, name), text);
  }

  #node(...args: readonly string[]): Promise<string> {
    const options = { cwd: this.#folder, env: { ...this.#env }, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 };
    return new Promise((resolve, reject) => {
      execFile(process.execPath, args, options, (error, stdout, stderr) => {
        if (error) reject(new Error(`${args.join(' ')} failed: ${error.message}\n${stdout}\n${stderr}`.slice(-8_000)));
        else resolve(stdout);
      });
    });
  }
}

/**
 * The shortest time limit there is: what a function that was killed held comes back within a minute. And few calls at a time:
 * each is a process on this machine, and fifty of them that start at once on two cores reach that limit.
 */
function configOf(input: TidemarkInput): string {
  return [
    `import { defineTidemark } from ${JSON.stringify(join(ROOT, 'lib/config/define.ts'))};`,
    `export default defineTidemark(${JSON.stringify(input)});`,
    'export const aws = { replay: { timeoutSec: 10, maxConcurrency: 2 } };',
    '',
  ].join('\n');
}
