/** `tidemark audit …`: who did what, and whether the trail of it is as it was written. */
import type { Command } from 'commander';
import type { SeenHead } from '../../core/audit/chain.ts';
import { checkTrail } from '../../usecases/audit/check-trail.ts';
import { keyId } from '../../usecases/verify/signature.ts';
import { type ApiOptions, apiCommand, clientOf, ending, wholeNumber } from '../api-command.ts';
import type { AuditEntryView, AuditHeadView } from '../api-types.ts';
import { auditEntries, seenEntries, seenHeads } from '../audit-source.ts';
import { keyInFile, keyOfApi } from '../believed-key.ts';
import type { ApiClient } from '../client.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { columns, note, print, printJson } from '../terminal.ts';
import { auditTable, badText, soundText } from '../views/audit-text.ts';

interface ListOptions extends ApiOptions {
  readonly limit: number;
  readonly after?: number;
  readonly action?: string;
}

interface VerifyOptions extends ApiOptions {
  /** A file that holds the public key, PEM. */
  readonly key?: string;
}

const MOST = 999_999_999;

export function addAudit(program: Command): void {
  const audit = program.command('audit').description('who did what, in a trail that cannot be quietly rewritten');
  apiCommand(audit, 'list', 'what was done last, the oldest of it first', 'npx tidemark audit list --action pauseRoute')
    .option('--limit <n>', 'at most', wholeNumber(1, 500), 50)
    .option('--after <n>', 'the entries that follow this one, rather than the last', wholeNumber(0, MOST))
    .option('--action <action>', 'only those, with what came of them')
    .action(
      ending(async ({ limit, after, action, ...options }: ListOptions) => {
        const entries = await wanted(await clientOf(options), { limit, after, action });
        if (options.json) return printJson({ entries });
        if (entries.length === 0) return note('There are none.');
        return print(auditTable(entries, columns()));
      }),
    );
  apiCommand(
    audit,
    'verify',
    'is the trail as it was written? Exits with 3 when it is not, and names the first bad entry',
    'npx tidemark audit verify --key tidemark-key.pem',
  )
    .option('--key <file>', 'the public key that is believed (tidemark verify key); otherwise the one of who is asked')
    .action(ending(verify));
}

async function wanted(
  client: ApiClient,
  { limit, after, action }: { readonly limit: number; readonly after: number | undefined; readonly action: string | undefined },
): Promise<readonly AuditEntryView[]> {
  const from = after ?? (action === undefined ? await lastOf(client, limit) : 0);
  const found: AuditEntryView[] = [];
  for await (const entry of auditEntries(client, { after: from, ...(action === undefined ? {} : { action }) })) {
    found.push(entry);
    if (found.length < limit) continue;
    if (after !== undefined) break;
    if (found.length > limit) found.shift();
  }
  return found;
}

/** Behind which as many entries stand. */
async function lastOf(client: ApiClient, limit: number): Promise<number> {
  return Math.max(0, (await client.get<AuditHeadView>('/audit/head')).length - limit);
}

async function verify({ key, ...options }: VerifyOptions): Promise<ExitCode> {
  const client = await clientOf(options);
  const believed = key === undefined ? undefined : await keyInFile(key);
  // Before the entries: what is signed meanwhile is of entries that are still to be read.
  const { head, signed } = await client.get<AuditHeadView>('/audit/head');
  const publicKey = head ? (believed ?? (await keyOfApi(client))) : undefined;
  const heads: readonly SeenHead[] = publicKey === undefined ? [] : await seenHeads(client, publicKey);
  const checked = await checkTrail(seenEntries(client), heads, signed);
  if (options.json) printJson(checked);
  else if (checked.ok) print(soundText(checked, publicKey === undefined ? undefined : keyId(publicKey)));
  if (checked.bad) {
    note(`tidemark: ${badText(checked.bad)}. ${NEXT}`);
    return EXIT.differences;
  }
  if (publicKey === undefined) note(checked.length === 0 ? 'Nothing was appended yet.' : UNSIGNED);
  else if (believed === undefined) note(`The key is that of ${client.where} itself: give the one you keep with --key, to know who signed.`);
  return EXIT.ok;
}

const NEXT =
  'Keep a copy of the database (of the table), and of the signed heads, as they are; see who could write there; docs/audit.md says how to go on.';
const UNSIGNED = 'No head of it is signed yet, so that a cut end would not be seen. Ask again in two minutes; docs/audit.md says where heads lie.';
