/** The limits of the log, and the durations that its protocol stands on. */

/** Of one event as JSON, in bytes of UTF-8. */
export const MAX_EVENT_BYTES = 350 * 1024;

/** Of one append. */
export const MAX_APPEND_EVENTS = 500;
export const MAX_APPEND_BYTES = 1024 * 1024;

/** Of one chunk: an item of DynamoDB holds 400 KB with everything. A larger append takes several chunks, and small ones that wait share one. */
export const MAX_CHUNK_EVENTS = 2_000;
export const MAX_CHUNK_BYTES = 380_000;

/** An event whose id is among so many newest ones of its stream is not appended again. */
export const DEDUPE_EVENTS = 10_000;

/** What an appender knows of a stream's end it acts on for so long, ms; then it reads on from there first. */
export const TAIL_GOOD_MS = 60_000;

/** A put reaches the store, or never does, within so long of the moment when its sender found what it knows good enough, ms. */
export const PUT_LANDS_WITHIN_MS = 300_000;

/** The clocks of all who append and remove show true time to within this, ms. */
export const CLOCKS_WITHIN_MS = 300_000;

/** No chunk is removed from the hot store before it is so old, ms: three times what a late append may take. */
export const KEEP_AT_LEAST_MS = 3_600_000;

/** An append that has no answer by then is given up, ms: its caller learns that it may be there, and may send it again. */
export const APPEND_WITHIN_MS = 8_000;

/** One clock may run too slow by a hundredth; and a hundredth to spare. */
const MARGIN = 1.02;

/** How old what is known of a stream's end may be when the last put that was founded on it lands, ms, by true time. */
export const LATEST_PUT_MS = TAIL_GOOD_MS * MARGIN + PUT_LANDS_WITHIN_MS;
