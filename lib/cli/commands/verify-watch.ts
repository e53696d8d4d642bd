import type { ApiOptions } from '../api-command.ts';
import type { DifferenceView, VerifyView } from '../api-types.ts';
import { type ApiClient, segment } from '../client.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { columns, note, print, printJsonLine } from '../terminal.ts';
import { bytes, count } from '../text/units.ts';
import { differenceLine, differing, verifySummary } from '../views/verify-text.ts';
import { waitsText } from '../views/waits-text.ts';
import { lasting, watch, withWayBack } from '../watch.ts';

const PAGE = 1_000;

/**
 * Until it is over, or Ctrl-C, which leaves it at work; then names each difference.
 * As JSON: a line for each difference, and the comparison itself as the last one.
 * @returns `differences` when a comparison found any; a repair has mended what it found
 */
export async function watchVerify(client: ApiClient, id: string, { json }: ApiOptions): Promise<ExitCode> {
  const path = `/verify/${segment(id)}`;
  const began = Date.now();
  const again = `tidemark verify watch ${id}`;
  const patient = lasting(client, json);
  const seen = await watch<VerifyView>({
    again,
    look: () => patient.get(path),
    isOver: ({ status }) => status !== 'running',
    waits: json ? () => null : waitsText,
    progress: ({ compared, bytes: size, deep, counts }) => {
      const rate = (compared * 1000) / Math.max(1, Date.now() - began);
      const read = deep ? `, ${bytes(size)} read` : '';
      return { done: 0, total: null, text: `compared ${count(compared)} keys · ${count(rate)}/s${read} · equal ${count(counts.equal)}` };
    },
  });
  if (seen.interrupted) {
    note(`It goes on without this command. Come back to it: ${again}. Stop it: tidemark verify cancel ${id}`);
    return EXIT.interrupted;
  }
  const { value: view } = seen;
  if (differing(view) > 0) {
    const found = patient.all<DifferenceView>(`${path}/differences`, 'differences', { limit: PAGE });
    try {
      for await (const each of found) {
        if (json) printJsonLine(each);
        else print(differenceLine(each, columns()));
      }
    } catch (error) {
      throw withWayBack(error, again);
    }
  }
  if (json) printJsonLine(view);
  else note(verifySummary(view).trimEnd());
  if (view.status !== 'done') return EXIT.failed;
  if (view.kind === 'repair') return EXIT.ok;
  if (differing(view) === 0) return EXIT.ok;
  if (!json)
    note(`To mend them: tidemark repair${view.counts.extra > 0 ? ' (what is extra at the destination is removed with --delete alone)' : ''}.`);
  return EXIT.differences;
}
