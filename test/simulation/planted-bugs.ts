/** Defects that the simulator must find: each a small change of the text of the protocol or of a modelled store. */
import { ARCHIVE_BUGS } from './planted-archive-bugs.ts';
import { both, bug, type PlantedBug } from './planted-bug.ts';
import { DAMAGE_BUGS } from './planted-damage-bugs.ts';
import { GATEWAY_BUGS } from './planted-gateway-bugs.ts';
import { LISTING_BUGS } from './planted-listing-bugs.ts';
import { LOG_BUGS } from './planted-log-bugs.ts';
import { PAIR_BUGS } from './planted-pair-bugs.ts';
import { PAUSE_BUGS } from './planted-pause-bugs.ts';

const PLAN = 'lib/core/objects/plan.ts';
const TRANSITIONS = 'lib/core/objects/transitions.ts';
const REPLAY = 'lib/usecases/key-look.ts';
const BATCH = 'lib/usecases/replay-messages.ts';
const LEASE = 'lib/usecases/held-lease.ts';
const STORE = 'test/simulation/model/store.ts';
const SERVER_SIDE = 'test/simulation/model/server-side.ts';
const SAFETY_LOOK = 'if (!lease.dirty || look || receives > 1) await this.lookAgain(';

const COMPLETION_UNCHECKED = 'if (!(await this.deps.state.put(completion.record, record.version))) return null;';

export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...LISTING_BUGS,
  ...PAIR_BUGS,
  ...PAUSE_BUGS,
  ...DAMAGE_BUGS,
  ...GATEWAY_BUGS,
  ...LOG_BUGS,
  ...ARCHIVE_BUGS,

  // ── fencing ──
  bug(
    'a lease that another holds is ignored',
    ['O2', 'O3', 'O6', 'O7'],
    1,
    REPLAY,
    'leaseHeld(record, this.deps.clock.now() - this.#restMs);',
    'null;',
  ),
  bug('every worker claims under one name', ['O6'], 1, REPLAY, 'owner: ids.next(), leaseMs', "owner: 'worker', leaseMs"),
  bug(
    'a claim is believed though its compare-and-swap failed',
    ['O2', 'O6', 'O7'],
    1,
    LEASE,
    'if (!(await state.put(claimed, record.version))) return null;',
    'await state.put(claimed, record.version);',
  ),
  bug(
    'the table writes whatever version is stored',
    ['O6'],
    1,
    'test/simulation/model/table.ts',
    'if ((before?.version ?? 0) !== expected) return false;',
    '',
  ),
  bug(
    'a completion is believed though its compare-and-swap failed',
    ['O1', 'O7'],
    1,
    REPLAY,
    COMPLETION_UNCHECKED,
    'await this.deps.state.put(completion.record, record.version);',
  ),
  bug(
    'a leased completion is believed though its compare-and-swap failed',
    ['O1', 'O7'],
    1,
    LEASE,
    'if (await this.#state.put(changed, this.#record.version)) {',
    'await this.#state.put(changed, this.#record.version); {',
  ),
  bug(
    'a failed look ends the lease of another',
    ['O2', 'O3', 'O6', 'O7'],
    1,
    TRANSITIONS,
    'const mine = record.lease?.owner === context.owner;',
    'const mine = true;',
  ),
  bug(
    'a lease knows no time limit',
    ['O2', 'O3', 'O10'],
    4400,
    LEASE,
    'Math.min(this.#terms.deadline, until - this.#terms.leaseMs / 6)',
    'until + Infinity',
  ),
  bug(
    'no look after a request without an answer',
    ['O1', 'O2', 'O3'],
    4917,
    REPLAY,
    'if ((this.lease || this.#sent) && error.outcomeUnknown) await this.lookAgain(LATE_WRITE_MS);',
    '',
  ),

  // ── pins ──
  bug(
    'a part is not pinned',
    ['O1', 'O4'],
    1,
    SERVER_SIDE,
    'const version = this.#pinned(request);',
    'const version = this.#source.current(request.sourceKey);',
  ),
  bug(
    'a copy is pinned by version, so that an old one still matches',
    ['O1', 'O2', 'O3'],
    8000,
    SERVER_SIDE,
    'const version = this.#source.current(request.sourceKey);',
    "const version = this.#source.version(request.sourceKey, request.sight.versionId ?? '') ?? this.#source.current(request.sourceKey);",
  ),
  bug(
    'bytes of one moment are written with metadata of another',
    ['O1', 'O2', 'O3', 'O4'],
    1,
    'lib/usecases/stream-object.ts',
    'like: sight }',
    'like: observed }',
  ),
  bug(
    'a multipart upload is continued for another version',
    ['O1', 'O4'],
    1528,
    'lib/usecases/copy-parts.ts',
    'former.etag === sight.etag',
    'former.etag !== undefined',
  ),

  // ── identity ──
  bug(
    'the etag alone says what is applied',
    ['O1', 'O2', 'O3'],
    1,
    PLAN,
    "if (applied && mayBeApplied(source, applied)) return { do: 'confirm' };",
    "if (applied?.etag === source.etag) return { do: 'settle', applied: 'keep' };",
  ),
  bug(
    'nothing is confirmed at the destination',
    ['O1', 'O2', 'O3', 'O4'],
    1,
    PLAN,
    "if (applied && mayBeApplied(source, applied)) return { do: 'confirm' };",
    "if (applied && isApplied(source, applied)) return { do: 'settle', applied: 'keep' };",
  ),
  bug('equal bytes are taken for equal objects', ['O1', 'O2', 'O3'], 1, PLAN, 'if (sameProperties(source, held)) return', 'return'),

  // ── acknowledging ──
  bug(
    'a message is acknowledged at its receipt',
    ['O7'],
    1,
    'test/simulation/model/queue.ts',
    'message.receives++;',
    'message.receives++; this.#messages.delete(message.id);',
  ),
  bug(
    'a batch with failures is acknowledged whole',
    ['O1', 'O7'],
    1,
    BATCH,
    'failed: [...this.#delays.keys()].map(({ messageId }) => messageId),',
    'failed: [],',
  ),
  bug('the safety look is left out when dirty is set', ['O1', 'O7'], 6010, REPLAY, SAFETY_LOOK, 'if (look || receives > 1) await this.lookAgain('),
  both(
    bug(
      'the dirty flag is dropped, with the safety look behind it',
      ['O1', 'O7'],
      1,
      TRANSITIONS,
      'dirty: record.lease?.dirty ?? false,',
      'dirty: false,',
    ),
    bug('', [], 0, REPLAY, SAFETY_LOOK, 'if (look || receives > 1) await this.lookAgain('),
  ),
  bug('an event for a leased key is not noted', ['O1', 'O7'], 1, REPLAY, 'if (!lease.dirty || tellsNews) {', 'if (!lease.dirty && !tellsNews) {'),
  bug(
    'a settled record drops deliveries that still wait',
    ['O7'],
    1,
    'lib/core/objects/delivery.ts',
    "const ended = settled.filter(({ status }) => status === 'done' || status === 'superseded');",
    'const ended = settled;',
  ),
  bug(
    'a look settles what came after it',
    ['O1', 'O7'],
    1,
    REPLAY,
    'completion = complete(current, outcome, now);',
    'completion = complete(current, { ...outcome, covered: new Set(current.deliveries.map(({ id }) => id)) }, now);',
  ),
  bug('a sweep queues nothing', ['O1', 'O7'], 2880, 'lib/usecases/sweep.ts', 'if (refs.length > 0)', 'if (refs.length < 0)'),
  bug(
    'an error of the store is swallowed as success',
    ['O1', 'O2', 'O3'],
    1,
    'lib/usecases/perform.ts',
    'const written = await serverSide(link).copy(request);',
    'const written = await serverSide(link).copy(request).catch(() => ({ etag: plan.source.etag }));',
  ),
  bug(
    'a removal that failed is taken for done',
    ['O1', 'O2', 'O3'],
    5500,
    'lib/usecases/perform.ts',
    'await link.destination.remove(key, { ...running, ...conditionOf(plan) });',
    'await link.destination.remove(key, { ...running, ...conditionOf(plan) }).catch(() => undefined);',
  ),

  // ── deletes ──
  bug(
    'no tombstone is kept',
    ['O1', 'O3', 'O7'],
    1770,
    REPLAY,
    'tombstone(record: ReplicationRecord): Applied {',
    'tombstone(record: ReplicationRecord): Applied { return null as never;',
  ),
  bug('a tombstone expires after minutes', ['O1', 'O3', 'O7'], 1, 'lib/core/objects/record.ts', '35 * 24 * 3600 * 1000', '60 * 1000'),
  bug(
    'a tombstone is no evidence: what lands after it stays',
    ['O1', 'O2', 'O3'],
    1770,
    PLAN,
    "if (record.applied?.kind === 'tombstone') return true;",
    '',
  ),
  bug('absence is ignored', ['O1', 'O2', 'O3'], 1, PLAN, 'if (!deleteEvidence(record)) {', 'if (true) {'),
  bug('absence is evidence enough to delete', ['O1', 'O10'], 1364, PLAN, 'if (!deleteEvidence(record)) {', 'if (false) {'),
  bug(
    'a 404 of a missing bucket is taken for absence',
    ['O1', 'O10'],
    1,
    STORE,
    'this.bucket.assertThere();\n      const version = this.bucket.current(key);\n      return version ?',
    'const version = this.bucket.missing ? null : this.bucket.current(key);\n      return version ?',
  ),
  both(
    bug(
      'a reconcile deletes what the record never applied',
      ['O1', 'O10'],
      3500,
      PLAN,
      "const fromHere = record.applied?.kind === 'object' || record.intent === true;",
      'const fromHere = true;',
    ),
    bug(
      '',
      [],
      0,
      'lib/core/objects/reconcile.ts',
      'return destination && (applied || record?.intent) && !waits ?',
      'return destination && !waits ?',
    ),
  ),
  bug('the intent to write is forgotten with its lease', ['O1'], 1, TRANSITIONS, '(intent || merged.lease) ?', 'merged.lease ?'),
  bug(
    'a stream goes without a lease',
    ['O1', 'O2', 'O3'],
    6000,
    PLAN,
    "const way = act === 'copy' && needsNoLease(look) ? 'optimistic' : 'leased';",
    "const way = act !== 'parts' && conditional[act] ? 'optimistic' : 'leased';",
  ),

  // ── bounds, order ──
  bug(
    'sequencers are padded on the left',
    ['O7'],
    1,
    'lib/core/objects/sequencer.ts',
    "const left = a.toUpperCase().padEnd(width, '0');\n  const right = b.toUpperCase().padEnd(width, '0');",
    "const left = a.toUpperCase().padStart(width, '0');\n  const right = b.toUpperCase().padStart(width, '0');",
  ),
  bug(
    'a limited failure is retried for ever',
    ['O7', 'O9'],
    1,
    'lib/core/retry.ts',
    'return attempts >= policy.maxRetries\n',
    'return attempts < 0\n',
  ),
  bug('backoff is ignored', ['O9'], 1, 'lib/core/retry.ts', 'return Math.floor(random * ceiling);', 'return 0 * random * ceiling;'),
  bug(
    'attempts are not counted',
    ['O7', 'O9'],
    6690,
    TRANSITIONS,
    'const attempts = delivery.attempts + 1;',
    'const attempts = delivery.attempts || 1;',
  ),
  bug('a failure ends nowhere but in the log', ['O9'], 555, BATCH, 'return this.#park(work, outcome.error);', 'return;'),
];
