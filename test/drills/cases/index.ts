import type { Drill } from '../support/drill.ts';
import { hang } from './hang.ts';
import { kill } from './kill.ts';

export const DRILLS: readonly Drill[] = [kill, hang];
