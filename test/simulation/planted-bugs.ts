/** Defects that the simulator must find: each a small change of the text of the protocol or of a modelled store. */

export interface Edit {
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface PlantedBug {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Any one of these is broken by it. */
  readonly breaks: readonly string[];
  /** Where a window of schedules begins in which it shows. */
  readonly seed: number;
}

/** Of every bug: it shows within so many schedules from its seed. */
export const WINDOW = 2000;

const PLAN = 'lib/core/objects/plan.ts';
const TRANSITIONS = 'lib/core/objects/transitions.ts';
const REPLAY = 'lib/usecases/replay-key.ts';
const BATCH = 'lib/usecases/replay-messages.ts';
const LEASE = 'lib/usecases/held-lease.ts';
const STORE = 'test/simulation/model/store.ts';
const SERVER_SIDE = 'test/simulation/model/server-side.ts';
const NO_SAFETY_LOOK: Edit = { file: REPLAY, find: 'if (!lease.dirty || renews) await this.#lookAgain(', replace: 'if (renews) await this.#lookAgain(' };

const COMPLETION_UNCHECKED = 'return (await this.#deps.state.put(completion.record, record.version)) ? completion : null;';

export const PLANTED_BUGS: readonly PlantedBug[] = [
  // ── fencing ──
  bug('a lease that another holds is ignored', REPLAY, 'leaseHeld(record, clock.now());', 'null;'),
  bug('every worker claims under one name', REPLAY, 'owner: ids.next(), leaseMs', "owner: 'worker', leaseMs"),
  bug('a claim is believed though its compare-and-swap failed', LEASE, 'if (!(await state.put(claimed, record.version))) return null;', 'await state.put(claimed, record.version);'),
  bug('the table writes whatever version is stored', 'test/simulation/model/table.ts', 'if ((before?.version ?? 0) !== expected) return false;', ''),
  bug('a completion is believed though its compare-and-swap failed', REPLAY, COMPLETION_UNCHECKED, 'await this.#deps.state.put(completion.record, record.version); return completion;'),
  bug('a leased completion is believed though its compare-and-swap failed', LEASE, 'if (await this.#state.put(changed, this.#record.version)) {', 'await this.#state.put(changed, this.#record.version); {'),
  bug('a worker writes on after its lease was lost', LEASE, 'readonly guard = (): void => {', 'readonly guard = (): void => { return;'),
  bug('a lease that ran out is extended', TRANSITIONS, 'if (lease?.owner !== owner || lease.until <= now) return null;', 'if (lease?.owner !== owner) return null;'),
  bug('a heartbeat takes over whatever lease it finds', TRANSITIONS, 'if (lease?.owner !== owner || lease.until <= now) return null;', 'if (!lease) return null;'),
  bug('a failed look ends the lease of another', TRANSITIONS, 'const mine = record.lease?.owner === context.owner;', 'const mine = true;'),
  bug('the limit of a lease has no margin', LEASE, 'until - this.#terms.leaseMs / 6', 'until + this.#terms.leaseMs'),
  bug('no look after a lease that ran out', REPLAY, 'if (record.lease) await this.#lookAgain(LATE_WRITE_MS);', ''),
  bug('no look after a request without an answer', REPLAY, 'if (this.#lease && error.outcomeUnknown) await this.#lookAgain(LATE_WRITE_MS);', ''),

  // ── pins ──
  bug('a copy is not pinned', SERVER_SIDE, 'const { versionId: _other, ...version } = this.#pinned(request);', 'const { versionId: _other, ...version } = this.#source.current(request.sourceKey);'),
  bug('a part is not pinned', SERVER_SIDE, 'const version = this.#pinned(request);', 'const version = this.#source.current(request.sourceKey);'),
  bug('a copy is pinned by version, so that an old one still matches', SERVER_SIDE, 'const version = this.#source.current(request.sourceKey);', "const version = this.#source.version(request.sourceKey, request.sight.versionId ?? '') ?? this.#source.current(request.sourceKey);"),
  bug('a stream is not pinned', STORE, 'if (!version || etagOf(version.label) !== pin.etag)', 'if (!version)'),
  bug('bytes of one moment are written with metadata of another', 'lib/usecases/stream-object.ts', 'like: sight }', 'like: observed }'),
  bug('a multipart upload is continued for another version', 'lib/usecases/copy-parts.ts', 'former.etag === sight.etag', 'former.etag !== undefined'),

  // ── identity ──
  bug('the etag alone says what is applied', PLAN, "if (applied && isApplied(source, applied)) return { do: 'confirm' };", "if (applied?.etag === source.etag) return { do: 'settle', applied: 'keep' };"),
  bug('nothing is confirmed at the destination', PLAN, "if (applied && isApplied(source, applied)) return { do: 'confirm' };", "if (applied && isApplied(source, applied)) return { do: 'settle', applied: 'keep' };"),
  bug('equal bytes are taken for equal objects', PLAN, 'if (sameProperties(source, held)) return', 'return'),
  bug('isApplied compares the etag only', PLAN, 'return sameSource(source, applied) && applied.print === printOf(source);', 'return source.etag === applied.etag;'),

  // ── acknowledging ──
  bug('a message is acknowledged at its receipt', 'test/simulation/model/queue.ts', 'message.receives++;', 'message.receives++; this.#messages.delete(message.id);'),
  bug('a batch with failures is acknowledged whole', BATCH, 'failed: [...this.#delays.keys()].map(({ messageId }) => messageId),', 'failed: [],'),
  bug('a look that will be retried is acknowledged', BATCH, 'for (const message of work.messages) this.#comeBack(message, outcome.delayMs);', ''),
  bug('an unforeseen failure is acknowledged', BATCH, 'for (const message of messages) this.#comeBack(message, 1000);', ''),
  bug('the safety look is left out when dirty is set', REPLAY, NO_SAFETY_LOOK.find, NO_SAFETY_LOOK.replace),
  bug('the dirty flag is dropped', TRANSITIONS, 'dirty: record.lease?.dirty ?? false,', 'dirty: false,'),
  { ...bug('the dirty flag is dropped, with the safety look behind it', TRANSITIONS, 'dirty: record.lease?.dirty ?? false,', 'dirty: false,'), edits: [{ file: TRANSITIONS, find: 'dirty: record.lease?.dirty ?? false,', replace: 'dirty: false,' }, NO_SAFETY_LOOK] },
  bug('an event for a leased key is not noted', REPLAY, 'if (!lease.dirty || tellsNews) {', 'if (!lease.dirty && !tellsNews) {'),
  bug('a settled record drops deliveries that still wait', 'lib/core/objects/delivery.ts', "const ended = settled.filter(({ status }) => status === 'done' || status === 'superseded');", 'const ended = settled;'),
  bug('a look settles what came after it', LEASE, 'XX', ''),
  bug('a sweep queues nothing', 'lib/usecases/sweep.ts', 'if (refs.length > 0)', 'if (refs.length < 0)'),
  bug('an error of the store is swallowed as success', 'lib/usecases/perform.ts', 'const written = await serverSide(link).copy(request);', 'const written = await serverSide(link).copy(request).catch(() => ({ etag: plan.source.etag }));'),
  bug('a removal that failed is taken for done', 'lib/usecases/perform.ts', 'await link.destination.remove(key, { ...running, ...conditionOf(plan) });', 'await link.destination.remove(key, { ...running, ...conditionOf(plan) }).catch(() => undefined);'),

  // ── deletes ──
  bug('no tombstone is kept', REPLAY, '#tombstone(record: ReplicationRecord): Applied {', '#tombstone(record: ReplicationRecord): Applied { return null as never;'),
  bug('a tombstone expires after minutes', 'lib/core/objects/record.ts', '35 * 24 * 3600 * 1000', '60 * 1000'),
  bug('a tombstone is no evidence: what lands after it stays', PLAN, "if (record.applied?.kind === 'tombstone') return true;", ''),
  bug('absence is ignored', PLAN, 'if (!deleteEvidence(record)) {', 'if (true) {'),
  bug('absence is evidence enough to delete', PLAN, 'if (!deleteEvidence(record)) {', 'if (false) {'),
  bug('a 404 of a missing bucket is taken for absence', STORE, 'return this.#call(`head ${key}`, () => {\n      this.bucket.assertThere();\n      const version = this.bucket.current(key);', 'return this.#call(`head ${key}`, () => {\n      const version = this.bucket.missing ? null : this.bucket.current(key);'),
  bug('a reconcile deletes what is only at the destination', 'lib/core/objects/reconcile.ts', 'return destination && applied ?', 'return destination ?'),
  { ...bug('a reconcile deletes what the record never applied', PLAN, "(delivery.origin !== 'reconcile' || record.applied?.kind === 'object')", 'true'), edits: [
    { file: PLAN, find: "(delivery.origin !== 'reconcile' || record.applied?.kind === 'object')", replace: 'true' },
    { file: 'lib/core/objects/reconcile.ts', find: 'return destination && applied ?', replace: 'return destination ?' },
  ] },
  bug('a removal goes without a lease', PLAN, "return { do: 'act', act: 'remove', way: 'leased',", "return { do: 'act', act: 'remove', way: 'optimistic',"),
  bug('a stream goes without a lease', PLAN, "const way = act === 'copy' && conditional.copy && !rules.alwaysLease ? 'optimistic' : 'leased';", "const way = act !== 'parts' && conditional[act] ? 'optimistic' : 'leased';"),
  bug('conditions are not passed on', PLAN, '...(conditional[act] ? { condition } : {})', ''),
  bug('a removal passes no condition', PLAN, '...(link.conditionalDelete ? { condition: { ifMatch: destination.sight.etag } } : {})', ''),

  // ── bounds, order ──
  bug('sequencers are padded on the left', 'lib/core/objects/sequencer.ts', "const left = a.toUpperCase().padEnd(width, '0');\n  const right = b.toUpperCase().padEnd(width, '0');", "const left = a.toUpperCase().padStart(width, '0');\n  const right = b.toUpperCase().padStart(width, '0');"),
  bug('a limited failure is retried for ever', 'lib/core/retry.ts', 'return attempts >= policy.maxRetries\n', 'return attempts < 0\n'),
  bug('backoff is ignored', 'lib/core/retry.ts', 'return Math.floor(random * ceiling);', 'return 0 * random * ceiling;'),
  bug('attempts are not counted', TRANSITIONS, 'const attempts = delivery.attempts + 1;', 'const attempts = delivery.attempts || 1;'),
  bug('an object that was removed at the destination is not parked', BATCH, 'await this.#deps.queue.park(body, `${error.code}: ${error.message}`);', ''),
];

function bug(name: string, file: string, find: string, replace: string): PlantedBug {
  return { name, edits: [{ file, find, replace }], breaks: [], seed: 1 };
}
