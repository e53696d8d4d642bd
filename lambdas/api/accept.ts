/** What Prometheus and its kin ask for; all of them read the older text. */
const TEXTS: ReadonlySet<string> = new Set(['text/plain', 'application/openmetrics-text']);

/** True where a text of Prometheus is asked for rather than JSON, which is for whoever does not mind. @param accept the header */
export function prefersPrometheus(accept: string | undefined): boolean {
  const wishes = (accept ?? '').split(',').map(wish);
  const weight = (wanted: (type: string) => boolean): number => Math.max(0, ...wishes.filter(({ type }) => wanted(type)).map(({ q }) => q));
  return weight((type) => TEXTS.has(type)) > weight((type) => type === 'application/json') && !isForAnyone(wishes);
}

interface Wish {
  readonly type: string;
  readonly q: number;
}

function wish(text: string): Wish {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
  return { type, q: Number.isFinite(q) ? q : 1 };
}

/** A browser takes texts too, but would rather have something else. */
function isForAnyone(wishes: readonly Wish[]): boolean {
  const best = Math.max(0, ...wishes.map(({ q }) => q));
  return !wishes.some(({ type, q }) => q === best && TEXTS.has(type));
}
