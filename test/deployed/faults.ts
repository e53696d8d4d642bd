/** Faults between the app and the services it uses, struck by the emulator (emulator/faults.py, emulator/function_faults.py). */

interface Common {
  /** 0 to 1. @default 1 */
  readonly rate?: number;
  /** How often it strikes. @default for as long as it is set */
  readonly count?: number;
}

/** Of requests to a service. What is left out may be anything. */
export interface ServiceFault extends Common {
  readonly service: 's3' | 'dynamodb' | 'sqs';
  /** As AWS names it, of the request's signature. */
  readonly region?: string;
  /** S3: the HTTP method, or COPY for copies of objects and parts; others: the action, as `UpdateItem`. */
  readonly op?: string;
  /** S3 only: of the request's own bucket; a copy is made at its destination. */
  readonly bucket?: string;
  /** A part of the key (S3), or of the request's body, where a table or queue is named by the pair's stack. */
  readonly match?: string;
  /** Refused with it, and with `code`. */
  readonly status?: number;
  /** @default ServiceUnavailable */
  readonly code?: string;
  /** Before the request is passed on, or refused. */
  readonly delayMs?: number;
  /** True: done, and answered with 500. */
  readonly lostAnswer?: boolean;
  /** True: not answered for as long as the fault is set. */
  readonly hang?: boolean;
}

/** Of calls of a function. */
export interface FunctionFault extends Common {
  readonly service: 'lambda';
  readonly op: 'Invoke';
  /** A part of the function's name. */
  readonly match: string;
  /** The call never begins; its process is killed, or stopped until the time limit kills it, `delayMs` after it began. */
  readonly effect: 'throttle' | 'crash' | 'freeze';
  readonly delayMs?: number;
}

export type Fault = ServiceFault | FunctionFault;

export class Faults {
  readonly #url: string;

  /** @param name of the set, a test file's own: sets of other files are left alone */
  constructor(endpoint: string, name: string) {
    this.#url = `${endpoint}/_faults/${name}`;
  }

  /** In place of those of this name. */
  async set(...faults: readonly Fault[]): Promise<void> {
    await this.#ask('PUT', JSON.stringify(faults));
  }

  async clear(): Promise<void> {
    await this.#ask('DELETE');
  }

  /** How often each fault of this name has struck, in the order set. A test asserts it: a fault that never struck proves nothing. */
  async hits(): Promise<readonly number[]> {
    const sets: Record<string, { readonly hits?: number }[]> = JSON.parse(await this.#ask('GET'));
    return (sets[this.#url.split('/').at(-1) ?? ''] ?? []).map(({ hits = 0 }) => hits);
  }

  async #ask(method: string, body?: string): Promise<string> {
    const answer = await fetch(this.#url, { method, ...(body === undefined ? {} : { body }) });
    if (!answer.ok) throw new Error(`faults: ${answer.status} ${await answer.text()}`);
    return answer.text();
  }
}
