/** `tidemark verify --check REPORT`: needs no Tidemark that runs, only the key that is believed. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type CheckedReport, checkReport } from '../../usecases/verify/check-report.ts';
import { keyId } from '../../usecases/verify/signature.ts';
import { type ApiOptions, clientOf } from '../api-command.ts';
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
  if (key !== undefined) {
    const pem = await readFile(key, 'utf8').catch((error: unknown) => {
      throw new CliError(`--key: ${key} cannot be read (${wordsOf(error)}). ${KEY_FIX}`, EXIT.failed, error);
    });
    return believable(key, pem);
  }
  if (options.url === undefined && options.stack === undefined) return undefined;
  return (await (await clientOf(options)).get<{ readonly publicKey: string }>('/verify/key')).publicKey;
}

function tell(path: string, checked: CheckedReport): undefined {
  if (!checked.ok) return note(`tidemark: ${visible(path)} is not as it was signed: ${checked.problem}. Take it anew: tidemark verify report ID`);
  const { keyId, trusted, header, summary } = checked;
  print(`${visible(path)} is as it was signed: not a byte was changed.\n`);
  for (const line of [header, summary]) print(`  ${visible(JSON.stringify(line))}\n`);
  if (trusted) return print(`Signed with the key that is believed, ${keyId}.\n`);
  return print(`Signed with the key ${keyId}. Compare it with the one you keep, or give that with --key: only then is it known who signed.\n`);
}

function believable(path: string, pem: string): string {
  try {
    keyId(pem);
    return pem;
  } catch (error) {
    throw new CliError(`--key: ${path} holds no public key. ${KEY_FIX}`, EXIT.failed, error);
  }
}

const KEY_FIX = 'Name a file that `tidemark verify key` wrote.';

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unreadable(path: string, error: unknown): CliError {
  return new CliError(`${path} cannot be read (${wordsOf(error)}). Name a file that \`tidemark verify report ID\` wrote.`, EXIT.failed, error);
}
