/** Characters that a notification's filter takes as they are. */
const PLAIN = /^[A-Za-z0-9/_.-]*/;

/** What all prefixes begin with, as far as a notification's filter can say it: S3 then sends nothing that no route carries. */
export function notificationPrefix(prefixes: readonly string[]): string {
  const [first = '', ...others] = prefixes;
  let length = PLAIN.exec(first)?.[0].length ?? 0;
  while (!others.every((other) => other.startsWith(first.slice(0, length)))) length--;
  return first.slice(0, length);
}
