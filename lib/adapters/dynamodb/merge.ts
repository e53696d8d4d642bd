/** Sources that are each in order, as one in order. Reads one element ahead of each. */
export async function* merge<T>(sources: readonly AsyncIterator<T>[], compare: (a: T, b: T) => number): AsyncGenerator<T> {
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let first = -1;
    let least: T | undefined;
    for (const [place, head] of heads.entries()) {
      if (head.done || (least !== undefined && compare(least, head.value) <= 0)) continue;
      first = place;
      least = head.value;
    }
    const source = sources[first];
    if (source === undefined || least === undefined) return;
    yield least;
    heads[first] = await source.next();
  }
}

export async function take<T>(elements: AsyncIterable<T>, count: number): Promise<readonly T[]> {
  const taken: T[] = [];
  if (count < 1) return taken;
  for await (const element of elements) {
    taken.push(element);
    if (taken.length === count) break;
  }
  return taken;
}
