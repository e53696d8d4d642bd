/** The contract of Completions: whoever is told of events passes them on, each at least once. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMPLETION_TYPES, type CompletionEvent } from '../../lib/core/objects/completion-event.ts';
import type { Completions } from '../../lib/ports/completions.ts';

export interface CompletionsUnderTest {
  readonly completions: Completions;
  /** What others got so far. */
  readonly received: () => Promise<readonly { readonly type: string; readonly data: Record<string, unknown> }[]>;
  /** From now on nothing can be told. */
  readonly breakOff: () => Promise<void>;
  readonly dispose: () => unknown;
}

export const NOW = 1_793_268_000_000;

export function completionEvent(n: number, status: 'done' | 'error' = 'done'): CompletionEvent {
  const error = status === 'error' ? { code: 'TOO_LARGE', message: 'it does not fit' } : null;
  const change = { id: `a-b.${n}.aw`, route: 'a-b', key: `k/${n}/\u{1F600} "quoted"`, op: 'PUT', etag: 'e', size: 3, srcRegion: 'a', dstRegion: 'b' };
  const detail = { ...change, status, attempts: 1, error, ts: NOW - 2, createdAt: NOW - 1, endedAt: NOW };
  return { id: `${detail.id}.${status}`, type: COMPLETION_TYPES[status], at: NOW, detail };
}

export function completionsContract(name: string, factory: () => Promise<CompletionsUnderTest>): void {
  describe(`completions: ${name}`, () => {
    let subject: CompletionsUnderTest;
    beforeEach(async () => {
      subject = await factory();
    });
    afterEach(() => subject.dispose());

    const receivedIds = async () => new Set((await subject.received()).map(({ data }) => data.id));

    it('passes on what was replicated and what failed, whole', async () => {
      const events = [completionEvent(1), completionEvent(2, 'error')];

      await subject.completions.tell(events);

      await expect.poll(receivedIds).toEqual(new Set(['a-b.1.aw', 'a-b.2.aw']));
      const received = await subject.received();
      for (const { type, detail } of events) expect(received).toContainEqual({ type, data: detail });
    });

    it('passes on more than one request takes', async () => {
      const events = Array.from({ length: 47 }, (_, n) => completionEvent(n));

      await subject.completions.tell(events);

      await expect.poll(receivedIds).toEqual(new Set(events.map(({ detail }) => detail.id)));
    });

    it('says nothing where there is nothing to say, and may be told the same twice', async () => {
      await subject.completions.tell([]);
      await subject.completions.tell([completionEvent(1)]);
      await subject.completions.tell([completionEvent(1)]);

      await expect.poll(receivedIds).toEqual(new Set(['a-b.1.aw']));
    });

    it('fails aloud where it cannot keep its promise', async () => {
      await subject.breakOff();

      await expect(subject.completions.tell([completionEvent(1)])).rejects.toBeInstanceOf(Error);
    });
  });
}
