/** How a command ends. */
export const EXIT = { ok: 0, failed: 1, usage: 2, differences: 3, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What ends a command, in words for the person who gave it. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  /** @param message what is wrong and what to do next */
  constructor(message: string, exitCode: ExitCode = EXIT.failed, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

/** Nothing answered, or the answer broke off: which may be over in a moment. */
export class NoAnswerError extends CliError {}
