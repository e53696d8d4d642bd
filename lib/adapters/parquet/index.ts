import type { RowFiles } from '../../ports/row-files.ts';
import { decodeParquet } from './read.ts';
import { encodeParquet } from './write.ts';

export const PARQUET: RowFiles = { encode: encodeParquet, decode: decodeParquet };
