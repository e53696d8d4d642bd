/** What a rehearsal did, step by step. */
import { drawProgress } from '../terminal.ts';

export interface Step {
  readonly step: string;
  readonly ok: boolean;
  readonly tookMs: number;
  /** What it came to, in words. */
  readonly result: string;
}

export class Protocol {
  readonly steps: Step[] = [];

  /** @param words for what it came to @throws what `act` throws, once it is noted */
  async step<T>(step: string, act: () => Promise<T>, words: string | ((value: T) => string)): Promise<T> {
    const began = performance.now();
    const note = (ok: boolean, result: string): number => this.steps.push({ step, ok, tookMs: Math.round(performance.now() - began), result });
    drawProgress({ done: 0, total: null, text: step });
    try {
      const value = await act();
      note(true, typeof words === 'string' ? words : words(value));
      return value;
    } catch (error) {
      note(false, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
}
