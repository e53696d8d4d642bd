import type { RowFiles } from '../../ports/row-files.ts';
import type { Clock, Ids } from '../../ports/system.ts';
import type { TableFiles } from '../../ports/table-files.ts';

export interface TableDeps {
  readonly files: TableFiles;
  readonly rows: RowFiles;
  readonly clock: Clock;
  readonly ids: Ids;
}
