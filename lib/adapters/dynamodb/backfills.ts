import type { RouteClaims } from '../../core/backfill/claims.ts';
import type { BackfillJob } from '../../core/backfill/job.ts';
import { type JobKind, kindOf } from '../../core/backfill/mode.ts';
import type { Settled } from '../../core/backfill/progress.ts';
import type { RangeProgress } from '../../core/backfill/range-progress.ts';
import type { BackfillJobs, BackfillTally } from '../../ports/backfills.ts';
import { BACKFILLS, backfillPartition, type ItemKey, itemKey } from './keys.ts';
import { BACKFILL_CLAIMS, BODY, PARTITION, SORT, TTL, VERSION } from './schema.ts';
import { bytesOf, ConditionFailed, type Item, numberOf, type Table } from './table.ts';

/** Sorts after every range. */
const TALLY = Buffer.from([0xff]);

/**
 * Backfills in partitions of their own of the one table. A page of a range's listing is one write of a small item: one write unit a
 * thousand keys. The replayer's count is one more a batch that holds a backfill's messages.
 */
export class DynamoBackfills implements BackfillJobs, BackfillTally {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(id: string): Promise<BackfillJob | null> {
    return parsed<BackfillJob>(await this.#table.get(jobKey(id)));
  }

  put(job: BackfillJob, expected: number): Promise<boolean> {
    return this.#swap(jobKey(job.id), job, expected);
  }

  async list(kinds: readonly JobKind[], limit: number, before?: string): Promise<readonly BackfillJob[]> {
    const query = {
      ConsistentRead: true,
      ScanIndexForward: false,
      KeyConditionExpression: before === undefined ? '#pk = :pk' : '#pk = :pk AND #sk < :before',
      ExpressionAttributeNames: { '#pk': PARTITION, ...(before === undefined ? {} : { '#sk': SORT }) },
      ExpressionAttributeValues: { ':pk': BACKFILLS, ...(before === undefined ? {} : { ':before': Buffer.from(before, 'utf8') }) },
    };
    const jobs: BackfillJob[] = [];
    for await (const item of this.#table.query(query, limit)) {
      const job = parsed<BackfillJob>(item);
      if (job && kinds.includes(kindOf(job.mode))) jobs.push(job);
      if (jobs.length === limit) break;
    }
    return jobs;
  }

  async ranges(job: string): Promise<readonly RangeProgress[]> {
    const query = {
      ConsistentRead: true,
      KeyConditionExpression: '#pk = :pk AND #sk < :tally',
      ExpressionAttributeNames: { '#pk': PARTITION, '#sk': SORT },
      ExpressionAttributeValues: { ':pk': backfillPartition(job), ':tally': TALLY },
    };
    const ranges: RangeProgress[] = [];
    for await (const item of this.#table.query(query)) {
      const range = parsed<RangeProgress>(item);
      if (range) ranges.push(range);
    }
    return ranges;
  }

  putRange(range: RangeProgress, expected: number): Promise<boolean> {
    const index = Buffer.alloc(4);
    index.writeUInt32BE(range.index);
    return this.#swap(itemKey(backfillPartition(range.job), index), range, expected);
  }

  async expire(job: string, at: number | null): Promise<void> {
    const keys = [jobKey(job)];
    const query = {
      ConsistentRead: true,
      ProjectionExpression: '#pk, #sk',
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': PARTITION, '#sk': SORT },
      ExpressionAttributeValues: { ':pk': backfillPartition(job) },
    };
    for await (const item of this.#table.query(query)) keys.push(itemKey(backfillPartition(job), bytesOf(item, SORT)));
    await Promise.all(keys.map((key) => this.#expire(key, at)));
  }

  async claims(route: string): Promise<RouteClaims> {
    return parsed<RouteClaims>(await this.#table.get(claimsKey(route))) ?? { route, version: 0, claims: [] };
  }

  putClaims(claims: RouteClaims, expected: number): Promise<boolean> {
    return this.#swap(claimsKey(claims.route), claims, expected);
  }

  async add(job: string, { done, failed }: Settled): Promise<void> {
    await this.#table.update({
      Key: { ...itemKey(backfillPartition(job), TALLY) },
      UpdateExpression: 'ADD #done :done, #failed :failed',
      ExpressionAttributeNames: { '#done': 'done', '#failed': 'failed' },
      ExpressionAttributeValues: { ':done': done, ':failed': failed },
      ReturnValues: 'NONE',
    });
  }

  async read(job: string): Promise<Settled> {
    const item = (await this.#table.get(itemKey(backfillPartition(job), TALLY))) ?? {};
    return { done: numberOf(item, 'done'), failed: numberOf(item, 'failed') };
  }

  async #expire(key: ItemKey, at: number | null): Promise<void> {
    try {
      await this.#table.update({
        Key: { ...key },
        UpdateExpression: at === null ? 'REMOVE #ttl' : 'SET #ttl = :ttl',
        ConditionExpression: 'attribute_exists(#pk)',
        ExpressionAttributeNames: { '#ttl': TTL, '#pk': PARTITION },
        ...(at === null ? {} : { ExpressionAttributeValues: { ':ttl': Math.ceil(at / 1000) } }),
        ReturnValues: 'NONE',
      });
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }

  async #swap(key: ItemKey, item: { readonly version: number }, expected: number): Promise<boolean> {
    const body = JSON.stringify(item);
    try {
      await this.#table.update({
        Key: { ...key },
        UpdateExpression: 'SET #v = :version, #b = :body',
        ConditionExpression: expected === 0 ? 'attribute_not_exists(#v)' : '#v = :expected',
        ExpressionAttributeNames: { '#v': VERSION, '#b': BODY },
        ExpressionAttributeValues: { ':version': item.version, ':body': body, ...(expected === 0 ? {} : { ':expected': expected }) },
        ReturnValues: 'NONE',
      });
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      // The client tries again when an answer is lost: what stands there then may be this very write.
      return error.retried && error.body === body;
    }
  }
}

function jobKey(id: string): ItemKey {
  return itemKey(BACKFILLS, Buffer.from(id, 'utf8'));
}

function claimsKey(route: string): ItemKey {
  return itemKey(BACKFILL_CLAIMS, Buffer.from(route, 'utf8'));
}

/** What this adapter wrote itself. */
function parsed<T>(item: Item | undefined): T | null {
  return item === undefined ? null : JSON.parse(String(item[BODY]));
}
