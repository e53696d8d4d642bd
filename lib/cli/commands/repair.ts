/** `tidemark repair`: compares both sides, and has each difference mended. */
import type { Command } from 'commander';
import { apiCommand, clientOf, ending } from '../api-command.ts';
import type { VerifyView } from '../api-types.ts';
import { interruption } from '../terminal.ts';
import { bodyOf, type ScopeOptions, withScope } from './verify.ts';
import { watchVerify } from './verify-watch.ts';

export function addRepair(program: Command): void {
  const summary = 'compare both sides, and queue each difference to be mended';
  withScope(apiCommand(program, 'repair', summary, 'npx tidemark repair --prefix reports/ --deep'))
    .option('--delete', 'remove what is extra at the destination, too; the brake on deletes still holds')
    .action(
      ending(async (options: ScopeOptions & { readonly delete?: boolean }) => {
        const client = await clientOf(options);
        const body = { ...(await bodyOf(options)), ...(options.delete ? { delete: true } : {}) };
        // From here on something may have been begun, which must not end unnamed.
        interruption();
        const { id } = await client.post<VerifyView>('/repair', body);
        return watchVerify(client, id, options);
      }),
    );
}
