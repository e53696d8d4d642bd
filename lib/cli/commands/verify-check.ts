/** `tidemark verify --check REPORT`: needs no Tidemark that runs, only the key that is believed. */
import { createReadStream } from 'node:fs';
import { type CheckedReport, checkReport } from '../../usecases/verify/check-report.ts';
import { type ApiOptions, clientOf } from '../api-command.ts';
import { keyInFile, keyOfApi } from '../believed-key.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { note, print, printJson } from '../terminal.ts';
import { visible } from '../text/visible.ts';

export interface CheckOptions extends ApiOptions {
  /** A file that holds the public key, PEM. */
  readonly key?: string;
}

/** @returns ok only for a report of which every byte is as it was signed, by the believed key where one is given */
export async function proveReport(path: string, options: CheckOptions): Promise<ExitCode> {
  const trusted = await trustedKey(options);
  const checked = await checkReport(createReadStream(path), trusted).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (options.json) printJson(checked);
  else tell(path, checked);
  return checked.ok ? EXIT.ok : EXIT.failed;
}

/** That of a file, or of the Tidemark that is named; undefined: whoever reads the answer compares it. */
async function trustedKey({ key, ...options }: CheckOptions): Promise<string | undefined> {
  if (key !== undefined) return keyInFile(key);
  return options.url === undefined && options.stack === undefined ? undefined : keyOfApi(await clientOf(options));
}

function tell(path: string, checked: CheckedReport): undefined {
  if (!checked.ok) return note(`tidemark: ${visible(path)} is not as it was signed: ${checked.problem}. Take it anew: tidemark verify report ID`);
  const { keyId, trusted, header, summary } = checked;
  print(`${visible(path)} is as it was signed: not a byte was changed.\n`);
  for (const line of [header, summary]) print(`  ${visible(JSON.stringify(line))}\n`);
  if (trusted) return print(`Signed with the key that is believed, ${keyId}.\n`);
  return print(`Signed with the key ${keyId}. Compare it with the one you keep, or give that with --key: only then is it known who signed.\n`);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unreadable(path: string, error: unknown): CliError {
  return new CliError(`${path} cannot be read (${wordsOf(error)}). Name a file that \`tidemark verify report ID\` wrote.`, EXIT.failed, error);
}
