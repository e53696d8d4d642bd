import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { RecordPages, RecordQuery } from '../../ports/record-pages.ts';
import { allRecords } from './record-scan.ts';
import type { Table } from './table.ts';

export class DynamoRecordPages implements RecordPages {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async page({ route, prefix, after, limit }: RecordQuery): ReturnType<RecordPages['page']> {
    const records: ReplicationRecord[] = [];
    const range = { prefix, ...(after === undefined ? {} : { from: { key: after, inclusive: false } }) };
    for await (const record of allRecords(this.#table, route, range)) {
      records.push(record);
      if (records.length === limit) return { records, next: record.key };
    }
    return { records };
  }
}
