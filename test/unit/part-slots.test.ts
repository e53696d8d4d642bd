import { describe, expect, it } from 'vitest';
import { PartSlots } from '../../lib/adapters/s3/part-slots.ts';

describe('the slots of parts that are under way', () => {
  it('let as many in as there are, and the others in the order they came', async () => {
    const slots = new PartSlots(2);
    const entered: number[] = [];
    const all = [1, 2, 3, 4].map((number) => slots.enter().then(() => entered.push(number)));
    await Promise.all(all.slice(0, 2));
    expect(entered).toEqual([1, 2]);
    slots.leave();
    await all[2];
    expect(entered).toEqual([1, 2, 3]);
    slots.leave();
    await all[3];
    expect(entered).toEqual([1, 2, 3, 4]);
    slots.leave();
    slots.leave();
    await Promise.all([slots.enter(), slots.enter()]);
  });

  it('use buffers again, those of the wanted size, and no more than there are slots', () => {
    const slots = new PartSlots(1);
    const [first, second] = [slots.buffer(8), slots.buffer(8)];
    slots.leave(first);
    slots.leave(second);
    expect(slots.buffer(8)).toBe(first);
    expect(slots.buffer(8)).not.toBe(second);
    slots.leave(first);
    expect(slots.buffer(16)).toHaveLength(16);
  });
});
