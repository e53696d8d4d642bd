/** What ended a command, for programs (`--json`): a problem as RFC 9457 has it, with the fields of the API's own. */
import { CommanderError } from 'commander';
import { asTidemarkError } from '../core/errors.ts';
import { ApiError, type Problem } from './client.ts';
import { CliError, EXIT } from './exit.ts';

/** `type`, `title` and `detail` are always there; `status`, `instance` and `errors` where the API refused. */
export type CliProblem = Problem & Required<Pick<Problem, 'type' | 'title' | 'detail'>>;

/** The words for a person: what is wrong, and what to do next. */
export function wordsFor(error: unknown): string {
  if (error instanceof CliError) return error.message;
  if (error instanceof CommanderError) return error.message.replace(/^error: /, '');
  const { code, message, fix, stack } = asTidemarkError(error);
  // These say in their message what to do; of what nobody foresaw, the place matters.
  if (code === 'INVALID_CONFIG' || code === 'INVALID_INPUT') return message;
  return code === 'INTERNAL' ? `${stack}\n${fix}` : `${message}. ${fix}`;
}

export function problemOf(error: unknown): CliProblem {
  const detail = wordsFor(error);
  const refused = [error, error instanceof Error ? error.cause : undefined].find((each) => each instanceof ApiError);
  if (refused) {
    const { status, problem } = refused;
    const { type = 'about:blank', title = `HTTP ${status}`, instance, errors = [] } = problem;
    return {
      ...{ type, title, status },
      // Of several fields, each stands among the errors.
      detail: errors.length > 1 ? (problem.detail ?? detail) : detail,
      ...(instance === undefined ? {} : { instance }),
      ...(errors.length > 0 ? { errors } : {}),
    };
  }
  if (error instanceof CommanderError || (error instanceof CliError && error.exitCode === EXIT.usage))
    return { ...of('usage', 'Wrong usage'), detail };
  if (error instanceof CliError) return { ...of('failed', 'Failed'), detail };
  const { code } = asTidemarkError(error);
  return { ...of(code, code), detail };
}

function of(name: string, title: string): Pick<CliProblem, 'type' | 'title'> {
  return { type: `urn:tidemark:problem:${name.toLowerCase().replaceAll('_', '-')}`, title };
}
