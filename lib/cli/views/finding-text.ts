/** What the doctor found, as text. */
import type { Finding, Level } from '../../usecases/doctor/finding.ts';
import { type Tone, toned } from '../terminal.ts';
import { visible } from '../text/visible.ts';
import { wrapped } from '../text/wrapped.ts';

const MARKS: Readonly<Record<Level, readonly [mark: string, tone: Tone]>> = {
  ok: ['ok     ', 'good'],
  info: ['info   ', 'quiet'],
  warning: ['warning', 'careful'],
  error: ['error  ', 'bad'],
};

const INDENT = 9;

export function findingText({ level, check, subject, code, message, fix }: Finding, width: number): string {
  const [mark, tone] = MARKS[level];
  const head = `${toned(tone, mark)}  ${check}, ${visible(subject)}${level === 'ok' ? `: ${visible(message)}` : ` (${code})`}\n`;
  if (fix === undefined) return head;
  return `${head}${wrapped(visible(message), width, INDENT)}${wrapped(`→ ${visible(fix)}`, width, INDENT)}`;
}
