import { EXIT, type ExitCode } from '../exit.ts';
import { note } from '../terminal.ts';

/** @param words what Ctrl-C leaves behind */
export async function unlessInterrupted(signal: AbortSignal, words: string, act: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await act();
  } catch (error) {
    if (!signal.aborted) throw error;
    note(words);
    return EXIT.interrupted;
  }
}
