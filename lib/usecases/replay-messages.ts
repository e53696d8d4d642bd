/** A batch from the queue: events of one key become one look; each message is answered for by itself (trap 12). */
import type { ObjectChange } from '../core/change.ts';
import { asTidemarkError, type ErrorCode, TidemarkError } from '../core/errors.ts';
import type { CompletionEvent } from '../core/objects/completion-event.ts';
import type { Listed } from '../core/objects/listed.ts';
import { lookMessage, parseMessage } from '../core/objects/message.ts';
import { backoff, type RetryPolicy } from '../core/retry.ts';
import { carries, changeAt, type Route, sidesIn } from '../core/routes/route.ts';
import type { Completions } from '../ports/completions.ts';
import type { Queue } from '../ports/queue.ts';
import { endedEvents } from './ended-events.ts';
import { recordCrash } from './record-crash.ts';
import { recordUnreadable, UNREADABLE_ROUTE } from './record-unreadable.ts';
import { type KeyOutcome, type ReplayDeps, replayKey } from './replay-key.ts';

export interface IncomingMessage {
  readonly messageId: string;
  readonly receipt: string;
  readonly body: string;
  readonly receiveCount: number;
  /** When it was first sent, ms since the epoch. */
  readonly sentAt?: number;
}

export interface BatchDeps extends ReplayDeps {
  readonly queue: Queue;
  readonly routes: readonly Route[];
  /** Names of the regions that a notification's bucket may be; buckets of two stores can bear one name. */
  readonly regionsOf: (bucket: string, awsRegion: string) => readonly string[];
  /** Absent: nobody is told. */
  readonly completions?: Completions;
}

export interface BatchTerms {
  readonly deadline: number;
  readonly leaseMs: number;
  readonly retry: RetryPolicy;
}

export interface BatchResult {
  /** Messages that must come back; all others are acknowledged. */
  readonly failed: readonly string[];
  readonly done: number;
  readonly superseded: number;
  readonly retried: number;
  readonly errors: number;
  /** Events of kinds that ask for nothing here. */
  readonly skipped: number;
  readonly problems: readonly TidemarkError[];
}

/**
 * Receives without a recorded attempt: the worker dies on this message before it can say why. Many, since a worker that is killed
 * again and again from outside takes innocent messages along.
 */
const MAX_CRASHES = 40;

/**
 * Before a message comes back of which nothing could be written down or told: a table or a bus that is out of reach for two hours must not
 * use up its receives. No longer, so that it stays the message that it is: since when it waits says what it has to tell.
 */
const UNSAID_MS = 1_000;
const MOST_UNSAID_MS = 60_000;

/** The longest that a queue delays what it is sent. */
const MAX_DELAY_SEC = 900;

interface Work {
  readonly route: Route;
  readonly key: string;
  readonly changes: ObjectChange[];
  look: boolean;
  listed?: Listed;
  readonly messages: Set<IncomingMessage>;
}

export async function replayMessages(deps: BatchDeps, messages: readonly IncomingMessage[], terms: BatchTerms): Promise<BatchResult> {
  const batch = new Batch(deps, terms);
  await Promise.all(messages.map((message) => batch.guarded([message], () => batch.sort(message))));
  await Promise.all(batch.works().map((work) => batch.guarded(work.messages, () => batch.replay(work))));
  await batch.guarded(batch.untold(), () => batch.tell());
  await batch.delayFailed();
  return batch.result();
}

class Batch {
  readonly #deps: BatchDeps;
  readonly #terms: BatchTerms;
  readonly #works = new Map<string, Work>();
  readonly #delays = new Map<IncomingMessage, number>();
  readonly #problems: TidemarkError[] = [];
  readonly #untold: { readonly work: Work; readonly outcome: KeyOutcome; readonly events: readonly CompletionEvent[] }[] = [];
  #done = 0;
  #superseded = 0;
  #retried = 0;
  #errors = 0;
  #skipped = 0;

  constructor(deps: BatchDeps, terms: BatchTerms) {
    this.#deps = deps;
    this.#terms = terms;
  }

  works(): readonly Work[] {
    return [...this.#works.values()];
  }

  /** Whatever goes wrong with one message leaves that message in the queue, and nothing else. */
  async guarded(messages: Iterable<IncomingMessage>, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#problems.push(asTidemarkError(error));
      for (const message of messages) this.#comeBack(message, backoff(message.receiveCount, UNSAID_MS, MOST_UNSAID_MS, 1));
    }
  }

  async sort(message: IncomingMessage): Promise<void> {
    const parsed = parseMessage(message.body);
    switch (parsed.kind) {
      case 'test':
        this.#skipped++;
        return;
      case 'malformed':
        return this.#parkUnreadable(message, parsed.reason);
      case 'look': {
        const route = this.#deps.routes.find(({ name }) => name === parsed.route);
        if (!route) return this.#parkUnreadable(message, `there is no route ${JSON.stringify(parsed.route)}`);
        return this.#add(route, parsed.key, parsed.changes, message, parsed.listed);
      }
      case 'changes': {
        this.#skipped += parsed.skipped.length;
        const targets = parsed.changes.flatMap(({ bucket, awsRegion, change }) => {
          const regions = this.#deps.regionsOf(bucket, awsRegion);
          return this.#deps.routes
            .filter((route) => carries(route, change.key))
            .flatMap((route) => sidesIn(route, regions).map((side) => ({ route, change: changeAt(change, side) })));
        });
        if (new Set(targets.map(({ route, change }) => `${route.name}\n${change.key}`)).size > 1) {
          // One route's failure must not hold another's event (trap 47), nor one key's another's: each gets a message of its own, since
          // one that told of many keys would be sent anew by each of them that is put off.
          await this.#deps.queue.send(targets.map(({ route, change }) => ({ body: lookMessage(route.name, change.key, [change]) })));
          return;
        }
        for (const { route, change } of targets) this.#add(route, change.key, [change], message);
      }
    }
  }

  async replay(work: Work): Promise<void> {
    const { route, key, changes, look, listed, messages } = work;
    const receives = Math.max(...[...messages].map(({ receiveCount }) => receiveCount));
    if (receives > MAX_CRASHES && (await this.#diesOn(work, receives)) && (await this.#recordedAsCrash(work))) {
      this.#failed(route.name, 'CRASHED');
      return this.#park(work, new TidemarkError('CRASHED', 'the worker died on this message again and again', { key }));
    }
    const startedAt = this.#deps.clock.now();
    // Beside other messages the listing may be the older one: its time would be recorded as that of a later state.
    const told = listed && messages.size === 1 ? { listed } : {};
    const outcome = await replayKey(this.#deps, { route, key, changes, look, ...told, receives, ...this.#terms, alwaysLease: false });
    const events = this.#deps.completions ? endedEvents(work, outcome, startedAt) : [];
    if (events.length === 0) return this.#conclude(work, outcome);
    this.#untold.push({ work, outcome, events });
  }

  untold(): readonly IncomingMessage[] {
    return this.#untold.flatMap(({ work }) => [...work.messages]);
  }

  /** Before their messages are acknowledged or parked: where it fails they come back, and their events are told then. */
  async tell(): Promise<void> {
    const untold = [...this.#untold];
    if (untold.length > 0) await this.#deps.completions?.tell(untold.flatMap(({ events }) => events));
    for (const { work, outcome } of untold) await this.guarded(work.messages, () => this.#conclude(work, outcome));
  }

  result(): BatchResult {
    return {
      failed: [...this.#delays.keys()].map(({ messageId }) => messageId),
      done: this.#done,
      superseded: this.#superseded,
      retried: this.#retried,
      errors: this.#errors,
      skipped: this.#skipped,
      problems: this.#problems,
    };
  }

  #add(route: Route, key: string, changes: readonly ObjectChange[], message: IncomingMessage, listed?: Listed): void {
    const name = `${route.name}\n${key}`;
    const work = this.#works.get(name) ?? { route, key, changes: [], look: false, messages: new Set() };
    work.changes.push(...changes);
    work.look ||= changes.length === 0;
    work.messages.add(message);
    if (listed) work.listed = listed;
    this.#works.set(name, work);
  }

  async #conclude(work: Work, outcome: KeyOutcome): Promise<void> {
    switch (outcome.kind) {
      case 'settled':
        this.#done += outcome.done;
        this.#superseded += outcome.superseded;
        return;
      case 'deferred':
        return;
      case 'postponed': {
        // Anew, so that however often it is postponed it is not received too often.
        const delaySec = Math.min(MAX_DELAY_SEC, Math.ceil(outcome.delayMs / 1000));
        return this.#deps.queue.send([...work.messages].map(({ body }) => ({ body, delaySec })));
      }
      case 'retry':
        this.#retried++;
        this.#problems.push(outcome.error);
        for (const message of work.messages) this.#comeBack(message, outcome.delayMs);
        return;
      case 'failed':
        this.#errors += outcome.errors;
        return this.#park(work, outcome.error);
    }
  }

  /** The record shows the error already; the dead-letter queue keeps the messages for whoever looks there. */
  async #park({ route, key, changes, messages }: Work, error: TidemarkError): Promise<void> {
    this.#problems.push(error);
    const bodies = messages.size === 1 && changes.length <= 1 ? [...messages].map(({ body }) => body) : [lookMessage(route.name, key, changes)];
    for (const body of bodies) await this.#deps.queue.park(body, `${error.code}: ${error.message}`);
  }

  async #parkUnreadable(message: IncomingMessage, reason: string): Promise<void> {
    this.#failed(UNREADABLE_ROUTE, 'MALFORMED_MESSAGE');
    this.#problems.push(new TidemarkError('MALFORMED_MESSAGE', reason, { messageId: message.messageId }));
    await recordUnreadable(this.#deps, message, reason);
    await this.#deps.queue.park(message.body, `MALFORMED_MESSAGE: ${reason}`);
  }

  /** Without a look. */
  #failed(route: string, code: ErrorCode): void {
    this.#errors++;
    this.#deps.meter?.look({ route, done: 0, errors: 1, code, objects: 0, bytes: 0, durationsMs: [] });
  }

  async #diesOn({ route, key }: Work, receives: number): Promise<boolean> {
    try {
      const record = await this.#deps.state.get(route.name, key);
      const deliveries = record?.deliveries ?? [];
      // A backoff is written down by a worker that lived: what comes back early meanwhile is no crash.
      if (deliveries.some(({ status, dueAt }) => status === 'pending' && dueAt !== undefined)) return false;
      const attempts = Math.max(0, ...deliveries.map((delivery) => delivery.attempts));
      return receives - attempts > MAX_CRASHES;
    } catch {
      // Nobody knows how often it was tried: the look itself says why the record cannot be read.
      return false;
    }
  }

  /** @returns false when the key was looked at since, or its record tells of it: the message is one like any other then */
  async #recordedAsCrash({ route, key, changes, messages }: Work): Promise<boolean> {
    const sent = [...messages].map(({ sentAt }) => sentAt);
    // The newest one counts: what was seen before it was sent says nothing of it.
    const sentAt = sent.reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)));
    const crashed = { route: route.name, key, changes, ...(sentAt === undefined ? {} : { sentAt }) };
    return recordCrash(this.#deps, crashed, this.#terms.retry);
  }

  #comeBack(message: IncomingMessage, delayMs: number): void {
    this.#delays.set(message, Math.max(delayMs, this.#delays.get(message) ?? 0));
  }

  /** Sets when each failed message comes back; one whose time cannot be set comes back by its visibility timeout. */
  async delayFailed(): Promise<void> {
    const { queue } = this.#deps;
    const { holdSec = Number.POSITIVE_INFINITY } = queue;
    await Promise.allSettled(
      [...this.#delays].map(async ([message, delayMs]) => {
        const seconds = delayMs / 1000;
        if (seconds <= holdSec) return queue.delay(message.receipt, seconds);
        await queue.send([{ body: message.body, delaySec: Math.min(MAX_DELAY_SEC, Math.ceil(seconds)) }]);
        this.#delays.delete(message);
      }),
    );
  }
}
