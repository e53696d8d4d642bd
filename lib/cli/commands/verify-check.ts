import type { ApiOptions } from '../api-command.ts';
import { CliError, type ExitCode } from '../exit.ts';

/** To be joined with what signs reports. */
export async function checkReport(report: string, _options: ApiOptions): Promise<ExitCode> {
  throw new CliError(`${report} cannot be checked yet.`);
}
