import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../../lib/infra/bundle.ts';
import { DEFAULT_SETTINGS } from '../../../lib/infra/settings.ts';
import { emulatorAvailable, startEmulator } from '../../fixtures/emulator.ts';
import { linesOf, sum } from '../support/aws/bill.ts';
import { OBJECT_BYTES } from '../support/aws/objects.ts';
import { PRICES, PRICES_IN, PRICES_OF } from '../support/aws/prices.ts';
import { billRows, type Case, dollars, othersTable, pricesTable, storageTable, timeTable } from '../support/aws/report.ts';
import { makeSource, type Replayed, replayAll } from '../support/aws/run.ts';
import { CONDITIONAL_COPY, COPY } from '../support/aws/wire.ts';
import type { Bench, Goal, Scale } from '../support/result.ts';

const OBJECTS: Readonly<Record<Scale, number>> = { small: 400, full: 10_000 };
const BATCHES = [10, 1] as const;
const WRAPPED = join(import.meta.dirname, '../../deployed/emulator/wrapped.py');

/** A month: five at a time, each of twenty seconds. */
const IDLE_POLLS_MILLION = (5 * 30 * 24 * 3_600) / 20 / 1e6;

/** A route that leaves objects out claims each key before it copies: so this one carries those of a byte and more. */
const PATHS = [
  { name: 'optimistic', route: {}, goal: 1.6 },
  { name: 'leased', route: { minBytes: 1 }, goal: 2.1 },
] as const;

export const awsCost: Bench = {
  name: 'aws-cost',
  onlyByName: true,
  run: async ({ scale, say }) => {
    if (!emulatorAvailable()) throw new Error('the emulator of AWS is not here');
    const objects = OBJECTS[scale];
    const { memoryMb } = DEFAULT_SETTINGS.replay;
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
    const cases: Case[] = [];
    const goals: Goal[] = [];
    try {
      const functionFile = join(bundle('replay', folder), 'index.mjs');
      for (const { name, route, goal } of PATHS) {
        const emulator = await startEmulator({ script: WRAPPED, env: { TMPDIR: folder } });
        try {
          const source = await makeSource(emulator, objects);
          for (const batch of BATCHES) {
            const replayed = await replayAll(emulator, source, { functionFile, batch, folder, route });
            requirePath(name, replayed);
            cases.push({ name: `${name}, batch ${batch}`, replayed });
            const cost = sum(linesOf(replayed, memoryMb));
            say(`  ${name}, batch ${batch}: ${dollars(cost)} a million, ${replayed.run.seconds.toFixed(0)} s`);
            if (batch === DEFAULT_SETTINGS.replay.batchSize) goals.push(atMost(`${name} path, batch ${batch}, $ a million objects`, cost, goal));
          }
        } finally {
          await emulator.stop();
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    cases.sort((a, b) => b.replayed.batch - a.replayed.batch);
    const costs = cases.map(({ name, replayed }) => [name, sum(linesOf(replayed, memoryMb))] as const);
    return {
      title: 'What a million small objects cost on AWS',
      what: `The bundle of the replay function that is deployed, in a process of its own, over ${objects} new objects of ${OBJECT_BYTES / 1024} KiB between two versioned buckets of the AWS emulator (MiniStack 1.5.33; keys of 65 bytes; S3's notifications in SQS's batches), from a cold start to the last acknowledgement; a call after the other. Its requests are counted between it and the emulator, all of them, and shown for a million objects; every copy is checked by etag afterwards. List prices of ${PRICES_IN}, as the authors knew them in ${PRICES_OF}; they were not fetched.`,
      columns: ['for a million objects', ...cases.map(({ name }) => name)],
      rows: billRows(cases, memoryMb),
      goals,
      notes: notesOf(cases, costs, memoryMb),
      runs: Object.fromEntries(cases.map(({ name, replayed }) => [name, [replayed.run]])),
      figures: Object.fromEntries(costs.map(([name, cost]) => [`$ a million, ${name}`, cost])),
    };
  },
};

/** @throws Error when the run took another path than its name says, or something had to be done twice: its figure would be another's */
function requirePath(name: string, { objects, counts }: Replayed): void {
  const made = counts.s3[CONDITIONAL_COPY] ?? 0;
  const others = counts.s3[COPY] ?? 0;
  if (made === objects && others === 0 && counts.refused === 0) return;
  throw new Error(
    `${name}: of ${objects} objects ${made} came by ${CONDITIONAL_COPY}, ${others} by another; ${counts.refused} requests were refused`,
  );
}

function notesOf(cases: readonly Case[], costs: readonly (readonly [string, number])[], memoryMb: number): readonly string[] {
  return [
    'How it is counted: write units are what the emulator says of each write (it reckons as DynamoDB does: by size, and the indexes with it). Its read units are flat, so they follow AWS’s rule: a strongly consistent read is one unit for each 4 KB, and an item that is not there costs one. What is not the handler’s own request follows AWS’s rule too: S3 sends each event to SQS by itself, and Lambda receives a batch in one request and deletes it in one. A batch is as full as the queue at that moment: ten where there is a backlog, one where objects trickle in, and then each object pays alone for its call, for its receive and delete, and for the write that adds a batch’s counts to its route’s totals.',
    `GB-seconds are the CPU of the process around the calls (x86 here, Arm there) times ${memoryMb} MB. Lambda bills how long a call lasts. What that adds, were all computing and all waiting one after the other:`,
    timeTable(cases, memoryMb),
    'The table of the state, measured at the end of each run, with one delivery in each record; a record that saw more of them grows, up to the limit of one write unit (1,024 bytes) in the common case:',
    storageTable(cases),
    `Left out: S3’s own requests (HeadObject and CopyObject above), storage and transfer; KMS and CloudTrail data events, where they are on; CloudWatch’s alarms, metrics and dashboard, which cost the same whatever is carried (docs/deploy.md), and the lines that Lambda itself writes of each call; Lambda’s polling of queues that are empty (five long polls at a time as documented, some 650,000 requests or ${dollars(IDLE_POLLS_MILLION * PRICES.sqs.perMillionRequests)} a queue and month); cold starts; the sweep once a minute; free tiers. An existing bucket that tells by EventBridge pays ${dollars(PRICES.eventBridge.perMillionEvents)} a million events more. An event that is told by the HTTP API instead pays for its request (${dollars(PRICES.apiGateway.perMillionRequests)} a million, each with up to 1,000 events), a call and a message of its own.`,
    othersTable(costs),
    'CRR needs no function, queue or table, and is the cheapest there is where all that is wanted is what it does. data-transfer-hub’s figure is the estimate of its documentation (awslabs/data-transfer-hub, docs/en-base/plan-deployment/cost.md, example 2, 2024-04-11): 107.4 million files of 10 KB by t4g.micro workers, about two writes to DynamoDB and two requests to SQS a file; it was not run here.',
    pricesTable(),
  ];
}

function atMost(what: string, cost: number, goal: number): Goal {
  return { what, goal: `≤ $${goal.toFixed(2)}`, measured: dollars(cost), met: cost <= goal };
}
