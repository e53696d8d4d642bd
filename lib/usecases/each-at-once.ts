/**
 * Acts on each element, `width` of them at a time, in their order.
 * @param goesOn asked after each; where it says no, nothing more is begun, and what is under way is awaited
 * @returns false where elements were left
 * @throws what an act throws first; others may be under way still
 */
export async function eachAtOnce<T>(
  elements: Iterable<T>,
  width: number,
  act: (element: T) => Promise<void>,
  goesOn: () => boolean = () => true,
): Promise<boolean> {
  const left = [...elements];
  const next = async (): Promise<void> => {
    for (let element = left.shift(); element !== undefined; element = left.shift()) {
      await act(element);
      if (!goesOn()) return;
    }
  };
  await Promise.all(Array.from({ length: width }, next));
  return left.length === 0;
}
