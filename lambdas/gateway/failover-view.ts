/** What is told of the failover, and of a switch that was asked for. */
import * as z from 'zod';
import { FAILOVER_STATES } from '../../lib/core/gateway/health.ts';
import { FAILOVER_MODES } from '../../lib/core/gateway/rules.ts';
import type { Crossing } from '../../lib/core/gateway/watermark.ts';
import type { FailoverState } from '../../lib/usecases/gateway/failover-state.ts';
import type { Promoted } from '../../lib/usecases/gateway/promote.ts';
import { count, region, time } from '../api/schemas/parts.ts';

const crossingView = z
  .object({
    through: z.nullable(time).meta({ description: 'Every change before that has crossed, or stands among the failed; null: nobody could tell.' }),
    open: count.meta({ description: 'Changes that may not have crossed yet, at most.' }),
    failedSince: z.nullable(time).meta({ description: 'When the oldest happened that could not be carried; null: none.' }),
    ageMs: z.int().min(0).meta({ description: 'How old this knowledge is: what happened since is not in it.' }),
  })
  .meta({ id: 'Crossing' });

const switchView = z.object({
  epoch: count,
  from: z.nullable(region),
  to: region,
  kind: z.enum(['begin', 'auto', 'promote', 'failback']),
  forced: z.boolean(),
  at: time,
  by: z.string(),
  why: z.string(),
});

const health = z.object({ failures: count, answers: count, problem: z.nullable(z.string()) });

export const stateView = z
  .object({
    phase: z.nullable(z.enum(FAILOVER_STATES)).meta({ description: 'null: the control record was never read.' }),
    mode: z.enum(FAILOVER_MODES),
    active: region,
    replica: region,
    first: region,
    epoch: count,
    writes: z.enum(['open', 'closed', 'unknown']),
    writesInMs: z.int().min(0),
    regions: z.record(z.string(), z.record(z.string(), health)).meta({ description: 'By region, what each observer counts in a row.' }),
    crossing: z.nullable(crossingView),
    switches: z.array(switchView).meta({ description: 'The newest first.' }),
    problem: z.nullable(z.object({ code: z.string(), message: z.string(), fix: z.string() })),
  })
  .meta({
    id: 'FailoverState',
    examples: [
      {
        phase: 'healthy',
        mode: 'auto',
        active: 'primary',
        replica: 'secondary',
        first: 'primary',
        epoch: 1,
        writes: 'open',
        writesInMs: 0,
        regions: { primary: { host: { failures: 0, answers: 12, problem: null } }, secondary: { host: { failures: 0, answers: 12, problem: null } } },
        crossing: { through: 1_793_268_000_000, open: 0, failedSince: null, ageMs: 4_000 },
        switches: [
          {
            epoch: 1,
            from: null,
            to: 'primary',
            kind: 'begin',
            forced: false,
            at: 1_793_268_000_000,
            by: 'system',
            why: 'the gateway is used for the first time',
          },
        ],
        problem: null,
      },
    ],
  });

export const promotedView = z
  .object({
    changed: z.boolean().meta({ description: 'false: the region was active already.' }),
    epoch: count,
    from: z.nullable(region),
    active: region,
    writesInMs: z.int().min(0).meta({ description: 'When writes are taken there: once every gateway has let go of the former region.' }),
    crossing: z.nullable(crossingView).meta({ description: 'Which changes may not have crossed; null: it cannot be told.' }),
  })
  .meta({
    id: 'Promoted',
    examples: [
      {
        changed: true,
        epoch: 2,
        from: 'primary',
        active: 'secondary',
        writesInMs: 10_100,
        crossing: { through: 1_793_268_000_000, open: 3, failedSince: null, ageMs: 9_000 },
      },
    ],
  });

export function shownState({
  phase,
  mode,
  active,
  standby,
  first,
  epoch,
  writes,
  writesInMs,
  switches,
  observers,
  crossing,
  problem,
}: FailoverState) {
  const regions = [active, standby].map((name) => {
    const counted = observers.flatMap(({ observer, regions: each }) => {
      const { failures, answers, problem: why } = each[name] ?? { failures: 0, answers: 0, problem: null };
      return [[observer, { failures, answers, problem: why }] as const];
    });
    return [name, Object.fromEntries(counted)] as const;
  });
  return {
    phase,
    mode,
    active,
    replica: standby,
    first,
    epoch,
    writes,
    writesInMs: Math.ceil(writesInMs),
    regions: Object.fromEntries(regions),
    crossing: crossing && shownCrossing(crossing),
    switches: switches.map(({ epoch: made, from, to, kind, forced, at, by, why }) => ({ epoch: made, from, to, kind, forced, at, by, why })),
    problem: problem && { code: problem.code, message: problem.message, fix: problem.fix },
  };
}

export function shownPromoted({ changed, epoch, from, active, writesInMs, crossing }: Promoted) {
  return { changed, epoch, from, active, writesInMs: Math.ceil(writesInMs), crossing: crossing && shownCrossing(crossing) };
}

function shownCrossing({ through, open, failedSince, ageMs }: Crossing) {
  return { through, open, failedSince, ageMs };
}
