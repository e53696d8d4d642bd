/** A step of the workflow, as Step Functions and the embedded host ask for it, and what it answers. */
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import type { BackfillStep, WalkState } from '../../lib/core/backfill/workflow.ts';

export type BackfillAnswer =
  | { readonly ranges: readonly number[] }
  | { readonly state: WalkState }
  | { readonly reported: true }
  | { readonly started: number }
  | { readonly failed: true };
export type BackfillHandler = (step: BackfillStep, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<BackfillAnswer>;

const id = z.string().min(1);
export const stepSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('plan'), id }),
  z.object({ action: z.literal('walk'), id, index: z.int().min(0) }),
  z.object({ action: z.literal('report'), id }),
  z.object({ action: z.literal('schedule') }),
  z.object({ action: z.literal('fail'), id, code: z.string(), cause: z.string() }),
]);
