/** Everything that one process appends to streams goes through one of these: it knows their ends, and puts one batch a stream at a time. */
import { asTidemarkError, TidemarkError } from '../../core/errors.ts';
import { atMost, type Moment } from '../../core/gateway/lease.ts';
import {
  type AppendState,
  type AppendStep,
  type Batch,
  caughtUp,
  considered,
  nextStep,
  type Places,
  refused,
  sending,
  stored,
} from '../../core/log/append.ts';
import { checkAppend, type Written } from '../../core/log/draft.ts';
import { checkedStream } from '../../core/log/invalid.ts';
import { APPEND_WITHIN_MS } from '../../core/log/rules.ts';
import { backoff } from '../../core/retry.ts';
import { Lane, type LogDeps, type Placed } from './lane.ts';
import { CHUNKS_A_PAGE, lookAtEnd } from './look.ts';

const PAUSE_MS = 5;
const MAX_PAUSE_MS = 1_000;

/** What a process may remember of ids, over all its streams: some hundred bytes each. The streams that were not used for longest are forgotten. */
const MAX_IDS = 1_000_000;

export class Appender {
  readonly #deps: LogDeps;
  /** In the order of their last use. */
  readonly #lanes = new Map<string, Lane>();

  constructor(deps: LogDeps) {
    this.#deps = deps;
  }

  /**
   * Appends events in their order; one whose id is among the newest of the stream is not appended again. All of them, or, where it fails,
   * perhaps the first of them: whoever sends them again, with the same ids, finds those.
   * @param since none of the events stands before that sequence. Where more was appended since than is remembered, they may stand among that:
   * LEASE_LOST then, and whoever sent them looks first
   * @returns the place of each, durable
   * @throws TidemarkError INVALID_INPUT before anything is done; THROTTLED, UNAVAILABLE, ACCESS_DENIED… with `outcomeUnknown` when some may be there
   */
  async append(stream: string, events: readonly Written[], since?: number): Promise<readonly Placed[]> {
    checkedStream(stream);
    checkAppend(events);
    const lane = this.#laneOf(stream);
    return new Promise((resolve, reject) => {
      lane.wait(events, since, resolve, reject);
      if (!lane.running) void this.#run(lane);
    });
  }

  async #run(lane: Lane): Promise<void> {
    lane.running = true;
    for (let batch = lane.nextBatch(this.#deps.ids); batch; batch = lane.nextBatch(this.#deps.ids)) {
      try {
        const places = await this.#put(lane, batch);
        if (places) {
          lane.place(places);
          this.#deps.news?.announce(lane.stream);
        } else lane.refuse(outdated(lane.stream));
      } catch (error) {
        lane.fail(asTidemarkError(error));
      }
      this.#forget();
    }
    lane.running = false;
  }

  /** @returns null when the batch is refused */
  async #put(lane: Lane, batch: Batch): Promise<Places | null> {
    const places: Places = new Map();
    const began = this.#moment();
    let isSent = false;
    let failure = new TidemarkError('THROTTLED', 'too many append to it at once');
    for (let tries = 1; ; tries++) {
      const state = considered(lane.state, this.#moment());
      lane.state = state;
      const step = nextStep(state, batch, places, this.#deps.clock.now());
      if (step.do === 'nothing') return places;
      if (step.do === 'refuse') return null;
      if (atMost(began, this.#moment()) >= APPEND_WITHIN_MS) throw this.#givenUp(lane, failure, isSent);
      try {
        lane.state = await this.#do(step, sendingAs(state, step), batch, places);
        if (step.do === 'put' && lane.state.is === 'ready') return places;
        if (step.do !== 'put') continue;
      } catch (error) {
        failure = asTidemarkError(error);
        isSent ||= step.do === 'put' && failure.outcomeUnknown;
        if (!failure.retryable) throw this.#givenUp(lane, failure, isSent);
        lane.state = sendingAs(state, step);
      }
      await this.#deps.clock.sleep(backoff(tries, PAUSE_MS, MAX_PAUSE_MS, this.#deps.ids.random()));
    }
  }

  async #do(step: Exclude<AppendStep, { do: 'nothing' | 'refuse' }>, state: AppendState, batch: Batch, places: Places): Promise<AppendState> {
    const { store, window } = this.#deps;
    const asked = this.#moment();
    switch (step.do) {
      case 'look':
        return { is: 'ready', tail: await lookAtEnd(store, batch.stream, window, asked) };
      case 'read':
        return caughtUp(state, batch, places, await store.read(batch.stream, step.from, CHUNKS_A_PAGE), asked);
      case 'put':
        return (await store.put(step.chunk)) ? stored(state, batch, places, asked) : refused(state);
    }
  }

  /** What was sent may land yet: nothing is known of the end. */
  #givenUp(lane: Lane, cause: TidemarkError, isSent: boolean): TidemarkError {
    lane.state = { is: 'looking' };
    const { code, message, fields } = cause;
    const how = isSent ? 'some of the events may be there: send them again with the same ids' : 'send the events again';
    const unknown = isSent || cause.outcomeUnknown ? { outcomeUnknown: true } : {};
    return new TidemarkError(
      code,
      `the stream ${lane.stream} did not take the events (${how}): ${message}`,
      { ...fields, stream: lane.stream, ...unknown },
      cause,
    );
  }

  #moment(): Moment {
    const { clock } = this.#deps;
    return { wall: clock.now(), monotonic: clock.monotonic() };
  }

  #laneOf(stream: string): Lane {
    const lane = this.#lanes.get(stream) ?? new Lane(stream);
    this.#lanes.delete(stream);
    this.#lanes.set(stream, lane);
    return lane;
  }

  #forget(): void {
    let ids = 0;
    for (const lane of this.#lanes.values()) ids += lane.remembers;
    for (const [stream, lane] of this.#lanes) {
      if (ids <= MAX_IDS) return;
      if (lane.running) continue;
      ids -= lane.remembers;
      this.#lanes.delete(stream);
    }
  }
}

function outdated(stream: string): TidemarkError {
  return new TidemarkError('LEASE_LOST', `more was appended to ${stream} since these events set out than is remembered: they may be there already`, {
    stream,
  });
}

function sendingAs(state: AppendState, step: AppendStep): AppendState {
  return step.do === 'put' ? sending(state, step.chunk) : state;
}
