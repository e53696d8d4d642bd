import type { ApiOptions } from '../api-command.ts';
import type { BackfillView, Metrics } from '../api-types.ts';
import { type ApiClient, segment } from '../client.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { note, print, printJson } from '../terminal.ts';
import type { Progress } from '../text/bar.ts';
import { count, duration } from '../text/units.ts';
import { backfillSummary } from '../views/backfill-text.ts';
import { waitsText } from '../views/waits-text.ts';
import { lasting, watch } from '../watch.ts';

/** Until all that it queued is copied, or Ctrl-C, which leaves it at work. @returns ok only when nothing of it failed */
export async function watchBackfill(client: ApiClient, id: string, { json }: ApiOptions): Promise<ExitCode> {
  const again = `tidemark backfill watch ${id}`;
  const patient = lasting(client, json);
  const seen = await watch<BackfillView>({
    again,
    look: () => patient.get(`/backfill/${segment(id)}`),
    isOver: (view) => isOver(patient, view),
    progress,
    waits: json ? () => null : waitsText,
  });
  if (seen.interrupted) {
    note(`It goes on without this command. See how far it is: ${again}. Stop it: tidemark backfill cancel ${id}`);
    return EXIT.interrupted;
  }
  const { value: view } = seen;
  if (json) printJson(view);
  else print(backfillSummary(view));
  if (view.status === 'failed') note(`What it did stays done. Mend the cause, then: tidemark backfill resume ${id}`);
  if (view.failed > 0) note('What failed, and why: tidemark failed');
  return view.status === 'done' && view.failed === 0 ? EXIT.ok : EXIT.failed;
}

/** A worker that was killed leaves some of its copies uncounted: when nothing waits anywhere, none of this backfill does. */
async function isOver(client: ApiClient, { status, waiting }: BackfillView): Promise<boolean> {
  if (status === 'failed' || status === 'cancelled') return true;
  if (status !== 'done') return false;
  return waiting === 0 || (await client.get<Metrics>('/metrics')).backlog.objects === 0;
}

function progress({ status, planned, listed, enqueued, done, failed, rate, timeLeftMs }: BackfillView): Progress {
  if (status === 'planning') return { done: 0, total: null, text: 'planning: finding where to split the listing' };
  if (status === 'done')
    return { done: done + failed, total: enqueued, text: `copied ${count(done)} of ${count(enqueued)}, failed ${count(failed)}` };
  const left = timeLeftMs === null ? '' : ` · ${duration(timeLeftMs)} left`;
  return {
    done: listed,
    total: planned,
    text: `listed ${count(listed)} of ${count(planned)} · ${count(rate)}/s${left} · queued ${count(enqueued)}, copied ${count(done)}`,
  };
}
