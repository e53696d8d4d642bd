import { type Bench, below, median, medianOf, type Run, type Scale } from '../support/result.ts';
import { type Contender, fixed, interleaved, rate, whole } from '../support/rounds.ts';
import { askWorker } from '../support/worker.ts';

export interface LogAppendJob {
  readonly contender: 'change log' | 'bare';
  readonly events: number;
}

const SIZES: Readonly<Record<Scale, { readonly events: number; readonly rounds: number }>> = {
  small: { events: 50_000, rounds: 1 },
  full: { events: 400_000, rounds: 3 },
};

const TIDEMARK = 'change log, emit';
const BARE = 'bare SQLite inserts';

export const logAppend: Bench = {
  name: 'log-append',
  run: async ({ scale, profile, say }) => {
    const { events, rounds } = SIZES[scale];
    const contenderOf = (name: string, contender: LogAppendJob['contender']): Contender => ({
      name,
      run: async () => ({
        ...(await askWorker<Omit<Run, 'serverCpuMs'>>('log-append', { contender, events } satisfies LogAppendJob, { profile })),
        serverCpuMs: null,
      }),
    });
    const runs = await interleaved([contenderOf(TIDEMARK, 'change log'), contenderOf(BARE, 'bare')], rounds, say);
    const ours = rate(runs, TIDEMARK, events) ?? 0;
    return {
      title: 'Appending to the change log, embedded',
      what: `${whole(events)} updates of some 300 bytes from 2,000 callers at once, each told that its event is durable, in batches of 100; beside one row an event in transactions of 100, each synced. SQLite on the disk of this machine; ${rounds} interleaved rounds, medians.`,
      columns: ['', 'events/s', 'range', 'CPU ms/1,000 events', 'peak RSS MiB', 'the change log is'],
      rows: Object.entries(runs).map(([name, own]) => {
        const rates = own.map(({ seconds }) => events / seconds);
        const range = `${whole(Math.min(...rates))}–${whole(Math.max(...rates))}`;
        const share = name === TIDEMARK ? '' : `${(ours / median(rates)).toFixed(2)}x`;
        return [name, whole(median(rates)), range, fixed(medianOf(own, 'cpuMs'), 1, events / 1_000), fixed(medianOf(own, 'peakRssMib'), 0), share];
      }),
      goals: [
        { what: 'events/s', goal: '≥ 50,000', measured: whole(ours), met: ours >= 50_000 },
        below('peak RSS', medianOf(runs[TIDEMARK] ?? [], 'peakRssMib'), 300, 'MiB'),
      ],
      notes: [
        'The bare inserts make the same JSON and nothing else. The change log checks each event, compares its states field by field, knows it by its id, and tells each caller by itself; its batches share chunks and the sync of the disk. Of its memory, 20 MB are in use from the first event to the last; the rest is what V8 leaves lying before it collects.',
      ],
      runs,
      figures: { appendedPerSecond: ours },
    };
  },
};
