export type Environment = Readonly<Record<string, string | undefined>>;

/** Empty is as good as unset: compose files and CI set variables to nothing. */
export function variable(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}
