/** `tidemark verify …`: are both sides equal? */
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { type ApiOptions, apiCommand, clientOf, ending, wholeNumber } from '../api-command.ts';
import type { VerifyView } from '../api-types.ts';
import { segment } from '../client.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { endsOf, type RouteOptions, withRoute } from '../route-of.ts';
import { columns, interruption, note, print, printJson } from '../terminal.ts';
import { verifyTable } from '../views/verify-text.ts';
import { waitsLines } from '../views/waits-text.ts';
import type { CheckOptions } from './verify-check.ts';
import { watchVerify } from './verify-watch.ts';

export interface ScopeOptions extends ApiOptions, RouteOptions {
  readonly prefix?: string;
  readonly deep?: boolean;
}

export function addVerify(program: Command): void {
  const summary = 'compare both sides, and name each difference. Exits with 3 when there are any';
  const verify = withScope(apiCommand(program, 'verify', summary, 'npx tidemark verify --prefix reports/ --deep'))
    .option('--check <report>', 'no comparison: prove that not a byte of a report was changed since it was signed')
    .option('--key <file>', 'with --check: the public key that is believed (tidemark verify key), or --url or --stack for theirs');
  verify.action(
    ending(async ({ check, ...options }: ScopeOptions & CheckOptions & { readonly check?: string }): Promise<ExitCode> => {
      if (check !== undefined) return (await import('./verify-check.ts')).proveReport(check, options);
      const client = await clientOf(options);
      const body = await bodyOf(options);
      // From here on something may have been begun, which must not end unnamed.
      interruption();
      const { id } = await client.post<VerifyView>('/verify', body);
      return watchVerify(client, id, options);
    }),
  );
  apiCommand(verify, 'list', 'comparisons and repairs, the newest first', 'npx tidemark verify list')
    .option('--limit <n>', 'at most', wholeNumber(1, 100), 20)
    .option('--cursor <cursor>', 'go on where a former answer ended')
    .action(
      ending(async ({ limit, cursor, ...options }: ApiOptions & { readonly limit: number; readonly cursor?: string }) => {
        const client = await clientOf(options);
        const page = await client.get<{ readonly verifies: readonly VerifyView[]; readonly cursor?: string }>('/verify', { limit, cursor });
        if (options.json) return printJson(page);
        if (page.verifies.length === 0) return note('There was none yet: tidemark verify');
        print(verifyTable(page.verifies, columns(), Date.now()));
        for (const line of waitsLines(page.verifies)) note(line);
        return page.cursor === undefined ? undefined : note(`There are more: --cursor ${page.cursor}`);
      }),
    );
  apiCommand(verify, 'watch', 'stay with one that runs, or show how it ended', 'npx tidemark verify watch ID')
    .argument('<id>', 'of the comparison or repair')
    .action(ending(async (id: string, options: ApiOptions) => watchVerify(await clientOf(options), id, options)));
  apiCommand(verify, 'cancel', 'stop one that runs', 'npx tidemark verify cancel ID')
    .argument('<id>', 'of the comparison or repair')
    .action(
      ending(async (id: string, options: ApiOptions) => {
        const answer = await (await clientOf(options)).post(`/verify/${segment(id)}/cancel`);
        return options.json ? printJson(answer) : note('Cancelled: what it found so far can still be seen.');
      }),
    );
  apiCommand(
    verify,
    'key',
    'the public key of reports; keep it where whoever touches a report cannot',
    'npx tidemark verify key > tidemark-key.pem',
  ).action(
    ending(async (options: ApiOptions) => {
      const answer = await (await clientOf(options)).get<{ readonly publicKey: string }>('/verify/key');
      return options.json ? printJson(answer) : print(answer.publicKey);
    }),
  );
  apiCommand(verify, 'report', 'the signed report, to standard output', 'npx tidemark verify report ID > report.jsonl')
    .argument('<id>', 'of the comparison')
    .action(
      ending(async (id: string, options: ApiOptions): Promise<ExitCode> => {
        if (process.stdout.isTTY) throw new CliError('A report is for a file: npx tidemark verify report ID > report.jsonl', EXIT.usage);
        const report = await (await clientOf(options)).download(`/verify/${segment(id)}/report`);
        await pipeline(report, process.stdout);
        return EXIT.ok;
      }),
    );
}

export function withScope(command: Command): Command {
  return withRoute(command.option('--prefix <prefix>', 'only keys that begin so').option('--deep', 'compare the bytes of every object'));
}

/** @returns what POST /verify and POST /repair take */
export async function bodyOf(options: ScopeOptions): Promise<Readonly<Record<string, unknown>>> {
  const { srcRegion, dstRegion, prefix } = await endsOf(await clientOf(options), options);
  return { srcRegion, dstRegion, prefix: options.prefix ?? prefix, ...(options.deep ? { deep: true } : {}) };
}
