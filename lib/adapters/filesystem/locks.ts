/** One writer a key within this process, whichever instances point at the same folder. */
const tails = new Map<string, Promise<unknown>>();

/** Runs acts of one name one after the other, in the order they came. */
export async function exclusively<T>(name: string, act: () => Promise<T>): Promise<T> {
  const former = tails.get(name) ?? Promise.resolve();
  const run = former.then(act, act);
  tails.set(name, run);
  try {
    return await run;
  } finally {
    if (tails.get(name) === run) tails.delete(name);
  }
}
