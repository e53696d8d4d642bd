/** Which deliveries a command is about. */
import { type Command, Option } from 'commander';
import { DELIVERY_STATUSES } from '../core/objects/delivery.ts';
import type { ApiOptions } from './api-command.ts';

export interface FilterOptions extends ApiOptions {
  readonly status?: string;
  readonly key?: string;
}

export function withFilter(command: Command): Command {
  return command
    .addOption(new Option('--status <status>', 'only those').choices([...DELIVERY_STATUSES]))
    .option('--key <pattern>', 'only keys that begin so, or match a pattern with %');
}
