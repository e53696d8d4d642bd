/** Text of commands that people paste into a shell. Pure. */

export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** @param args those of the CDK CLI @returns the profile that they name, or else the environment's */
export function profileOf(args: readonly string[], env: Readonly<Record<string, string | undefined>>): string | undefined {
  const at = args.findLastIndex((arg) => arg === '--profile' || arg.startsWith('--profile='));
  const given = args[at] === '--profile' ? args[at + 1] : args[at]?.slice('--profile='.length);
  return given || env.AWS_PROFILE || undefined;
}

/** What follows a command of the AWS CLI, with the space before it. */
export function cliOptions(awsRegion: string, profile: string | undefined): string {
  return ` --region ${awsRegion}${profile === undefined ? '' : ` --profile ${quoted(profile)}`}`;
}
