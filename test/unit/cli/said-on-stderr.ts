import { afterEach, beforeEach, vi } from 'vitest';

/** What each test of the suite has the program say on stderr; the exit code that it sets is undone. */
export function saidOnStderr(): { text: string } {
  const said = { text: '' };
  beforeEach(() => {
    said.text = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said.text += String(text);
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });
  return said;
}
