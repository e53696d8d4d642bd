/** Headers that the SDK has no field for, or would rewrite. */

interface Args<I> {
  input: I;
  request: unknown;
}

type Next<I, O> = (args: Args<I>) => Promise<{ response: unknown; output: O }>;

/** What every command of the SDK is, as far as it matters here. */
interface Extensible<I, O> {
  readonly middlewareStack: { add(middleware: (next: Next<I, O>) => Next<I, O>, options: { step: 'build'; name: string }): void };
}

/** @returns the command, which will be sent (and signed) with these headers */
export function withHeaders<I, O, C extends Extensible<I, O>>(command: C & Extensible<I, O>, headers: Readonly<Record<string, string>>): C {
  command.middlewareStack.add(
    (next) => (args) => {
      if (hasHeaders(args.request)) Object.assign(args.request.headers, headers);
      return next(args);
    },
    { step: 'build', name: 'tidemarkHeaders' },
  );
  return command;
}

function hasHeaders(request: unknown): request is { readonly headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}
