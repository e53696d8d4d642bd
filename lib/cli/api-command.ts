/** What all commands that ask the API have in common. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ApiClient } from './client.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import type { ApiOutput } from './transport/aws.ts';
import { hostTransport } from './transport/host.ts';
import type { ByteTransport } from './transport/transport.ts';

export interface ApiOptions {
  readonly url?: string;
  readonly stack?: string;
  readonly region?: string;
  readonly json?: boolean;
}

/** @returns the new command, with the options that say whom to ask and how to answer */
export function apiCommand(parent: Command, usage: string, summary: string, example: string): Command {
  return (
    withExample(parent.command(usage), example)
      .description(summary)
      // In the list of commands there is room for what it does; the rest stands in its own help.
      .summary(summary.replace(/[.?] Exits with .*/s, ''))
      .option('--url <address>', 'the host to ask (default: http://127.0.0.1:PORT, with API_TOKEN where it is set)')
      .addOption(new Option('--stack <name>', 'ask a stack on AWS instead, with your AWS credentials').conflicts('url'))
      .option('--region <region>', 'the AWS region of --stack')
      .option('--json', "answer with the API's JSON")
  );
}

export function withExample(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText('after', `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${examples.map((each) => `  $ ${each}\n`).join('')}`);
}

/** @throws CliError, TidemarkError when it is not known whom to ask */
export async function clientOf(options: ApiOptions): Promise<ApiClient> {
  return new ApiClient(await transportOf(options, 'ApiUrl'));
}

/** @param output of the stack, which names the API @throws as `clientOf` */
export async function transportOf({ url, stack, region }: ApiOptions, output: ApiOutput): Promise<ByteTransport> {
  if (stack === undefined) {
    if (region !== undefined) throw new CliError('--region: it belongs to a stack. Give --stack, too.', EXIT.usage);
    return hostTransport(url, process.env);
  }
  // Loaded when asked for: the SDK takes longer to load than everything else together.
  const { awsTransport } = await import('./transport/aws.ts');
  return awsTransport(stack, region, process.env, output);
}

/** Makes what a command returns the process's exit code; nothing is success. */
export function ending<A extends readonly unknown[]>(act: (...args: A) => Promise<ExitCode | undefined>): (...args: A) => Promise<void> {
  return async (...args) => {
    process.exitCode = (await act(...args)) ?? EXIT.ok;
  };
}

/** Parser of an option that is a whole number. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}
