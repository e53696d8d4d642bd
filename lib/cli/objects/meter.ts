/** Draws how much of an object has passed. */
import { clearProgress, drawProgress } from '../terminal.ts';
import { bytes, duration } from '../text/units.ts';

/** Begins a line. @returns to be told of each piece, bytes */
export type Told = (total: number, done: 'read' | 'sent' | 'received') => (piece: number) => void;

const EVERY_MS = 100;

export const drawn: Told = (total, done) => {
  const began = performance.now();
  let passed = 0;
  let drawnAt = began;
  return (piece) => {
    passed += piece;
    const now = performance.now();
    if (passed >= total) return clearProgress();
    if (now - drawnAt < EVERY_MS) return;
    drawnAt = now;
    const perMs = passed / (now - began);
    const left = duration(Math.round((total - passed) / perMs));
    drawProgress({ done: passed, total, text: `${done} ${bytes(passed)} of ${bytes(total)} · ${bytes(perMs * 1000)}/s · ${left} left` });
  };
};
