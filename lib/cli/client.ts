/** The one client of the API, whatever carries its requests. */
import { CliError, EXIT, NoAnswerError } from './exit.ts';
import { type Patience, patiently } from './patience.ts';
import { visible } from './text/visible.ts';
import type { Transport } from './transport/transport.ts';

export type Query = Readonly<Record<string, string | number | undefined>>;

/** As the API's answers tell it. */
export interface Problem {
  readonly type?: string;
  readonly status?: number;
  readonly title?: string;
  readonly detail?: string;
  readonly instance?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string; readonly fix: string }[];
}

/** API Gateway's own refusals have a message, and nothing else. */
type Refusal = Problem & { readonly message?: string };

/** The API refused, in its own words and with its own fix. */
export class ApiError extends CliError {
  readonly status: number;
  /** As it was answered. */
  readonly problem: Problem;
  /** When to ask again, ms from the answer; undefined: it did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, message: string, problem: Problem, retryAfterMs?: number) {
    super(message, status === 400 ? EXIT.usage : EXIT.failed);
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Answers tell whole seconds, and take their time. */
const ALIKE_MS = 5_000;

export class ApiClient {
  readonly #transport: Transport;
  readonly #patience: Patience | undefined;
  #aheadMs = 0;
  #hasAnswered = false;

  constructor(transport: Transport, patience?: Patience) {
    this.#transport = transport;
    this.#patience = patience;
  }

  /** The same, whose questions bear an outage once something has answered: what never did is not there, which nobody wants to wait for. */
  patient(patience: Patience): ApiClient {
    const client = new ApiClient(this.#transport, patience);
    client.#hasAnswered = this.#hasAnswered;
    return client;
  }

  get where(): string {
    return this.#transport.where;
  }

  /** By how much the clock of whoever answered last is ahead of this one, ms; 0 where that may be the answer's way, or is not told. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** @param accepted statuses beside 2xx whose body is the answer @throws CliError in words */
  async get<T>(path: string, query: Query = {}, accepted: readonly number[] = []): Promise<T> {
    const request = { method: 'GET', path: withQuery(path, query), headers: { accept: 'application/json' } } as const;
    const ask = async (): Promise<T> => this.#read(await this.#transport.send(request), accepted);
    return this.#patience && this.#hasAnswered ? patiently(ask, isOutage, this.#patience) : ask();
  }

  /** @throws CliError in words */
  async post<T>(path: string, body: unknown = {}): Promise<T> {
    const headers = { accept: 'application/json', 'content-type': 'application/json' };
    return this.#read(await this.#transport.send({ method: 'POST', path, headers, body: JSON.stringify(body) }), []);
  }

  /** The bytes of what may lie elsewhere: only here a redirect is followed with what authenticates. @throws CliError in words */
  async download(path: string): Promise<AsyncIterable<Uint8Array>> {
    const get = (at: string): Promise<Response> => this.#transport.send({ method: 'GET', path: at, headers: {} });
    const answer = await get(path);
    const location = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : null;
    const found = location === null ? answer : location.startsWith('/') ? await get(location) : await fetch(location);
    if (!found.ok || !found.body) return this.#read(found, []);
    return found.body;
  }

  /** What an answer that is a refusal says, in words. */
  async refused(answer: Response): Promise<ApiError> {
    return this.#refused(answer, parsed<Refusal>(await answer.text().catch(() => ''))?.value ?? {});
  }

  /**
   * All entries of a paged list, page by page.
   * @param name of the list in each page @param most entries after which it ends
   */
  async *all<T>(path: string, name: string, query: Query, most: number = Number.POSITIVE_INFINITY): AsyncGenerator<T, { readonly partial: boolean }> {
    let cursor: string | undefined;
    let given = 0;
    do {
      const page: Readonly<Record<string, unknown>> = await this.get(path, { ...query, cursor });
      const entries = page[name];
      if (!Array.isArray(entries)) throw new CliError(`${this.where} answered GET ${path} without ${name}. Is it a Tidemark of this version?`);
      yield* entries;
      given += entries.length;
      cursor = typeof page.cursor === 'string' ? page.cursor : undefined;
    } while (cursor !== undefined && given < most);
    return { partial: cursor !== undefined };
  }

  async #read<T>(answer: Response, accepted: readonly number[]): Promise<T> {
    const ahead = Date.parse(answer.headers.get('date') ?? '') - Date.now();
    this.#aheadMs = Math.abs(ahead) > ALIKE_MS ? ahead : 0;
    const text = await answer.text().catch((error: unknown) => {
      throw new NoAnswerError(`the answer of ${this.where} broke off. Look whether it still runs, then try again.`, EXIT.failed, error);
    });
    const body = parsed<T>(text);
    if ((answer.ok || accepted.includes(answer.status)) && body) {
      this.#hasAnswered = true;
      return body.value;
    }
    if (answer.ok) throw new CliError(`${this.where} answered, but not with JSON. Is it a Tidemark? Name another one with --url.`);
    throw this.#refused(answer, parsed<Refusal>(text)?.value ?? {});
  }

  #refused({ status, headers }: Response, problem: Refusal): ApiError {
    const { detail, title, errors = [], message, instance } = problem;
    if (status === 401 || status === 403) {
      // A host that has no token says so itself, and bringing one would not help.
      const fix = status === 403 && detail !== undefined ? visible(detail) : this.#transport.howToAuthenticate;
      return new ApiError(status, `${this.where} refused the request (${status}${message ? ` ${visible(message)}` : ''}). ${fix}`, problem);
    }
    const [first] = errors;
    const told = first ? sentence(first) : (detail ?? message ?? title ?? `${this.where} answered ${status}`);
    const what = errors.length > 1 ? errors.map((each) => `\n  ${visible(sentence(each))}`).join('') : visible(told);
    const id = instance ?? headers.get('x-request-id');
    return new ApiError(status, `${what}${status >= 500 && id ? ` (request ${visible(id)})` : ''}`, problem, retryAfterOf(headers));
  }
}

/** Of the place that is asked, not of the question: it may be over in a moment. */
export function isOutage(error: unknown): error is NoAnswerError | ApiError {
  return error instanceof NoAnswerError || (error instanceof ApiError && error.status >= 500);
}

/** @returns ms; undefined where the header is not there, or names a time of day */
export function retryAfterOf(headers: Headers): number | undefined {
  const seconds = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

/** The segment of a path that names one thing. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}

function sentence({ field, message, fix }: NonNullable<Problem['errors']>[number]): string {
  return `${field}: ${message}. ${fix}`;
}

function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]));
  return given.length === 0 ? path : `${path}?${given.join('&')}`;
}

function parsed<T>(text: string): { readonly value: T } | null {
  try {
    const value: T = JSON.parse(text);
    return { value };
  } catch {
    return null;
  }
}
