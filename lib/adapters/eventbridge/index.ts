import type { EventBridgeClient, EventBridgeClientConfig, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { TidemarkError } from '../../core/errors.ts';
import type { CompletionEvent } from '../../core/objects/completion-event.ts';
import type { Completions } from '../../ports/completions.ts';
import { asAwsFailure } from '../aws/failures.ts';

/** As many as one request takes. */
const BATCH = 10;
const SOURCE = 'tidemark';

/** Puts events on a bus of EventBridge: from there its rules pass them on. */
export class EventBridgeCompletions implements Completions {
  readonly #bus: string;
  readonly #options: EventBridgeClientConfig;
  #client: EventBridgeClient | null = null;

  /** @param bus of the function's own region, by its name */
  constructor(bus: string, options: EventBridgeClientConfig) {
    this.#bus = bus;
    this.#options = options;
  }

  async tell(events: readonly CompletionEvent[]): Promise<void> {
    const batches = Array.from({ length: Math.ceil(events.length / BATCH) }, (_, batch) => events.slice(batch * BATCH, (batch + 1) * BATCH));
    await Promise.all(batches.map((batch) => this.#put(batch.map((event) => this.#entryOf(event)))));
  }

  async #put(entries: PutEventsRequestEntry[]): Promise<void> {
    // Loaded with the first event: who tells nobody does not wait for it.
    const { EventBridgeClient, PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
    this.#client ??= new EventBridgeClient(this.#options);
    const what = `PutEvents on bus ${this.#bus}`;
    const answer = await this.#client.send(new PutEventsCommand({ Entries: entries })).catch((error: unknown) => {
      throw asAwsFailure(error, what);
    });
    const { FailedEntryCount = 0, Entries = [] } = answer;
    if (FailedEntryCount === 0) return;
    const failed = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
    const why = failed?.ErrorMessage ?? 'no reason was given';
    throw new TidemarkError('UNAVAILABLE', `${what}: ${FailedEntryCount} of ${entries.length} events were refused: ${why}`, {
      service: failed?.ErrorCode,
    });
  }

  #entryOf({ type, at, detail }: CompletionEvent): PutEventsRequestEntry {
    return { Source: SOURCE, DetailType: type, Detail: JSON.stringify(detail), EventBusName: this.#bus, Time: new Date(at) };
  }
}
