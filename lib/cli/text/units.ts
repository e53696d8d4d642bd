/** Figures as people read them. Pure. */

const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** As `1,234,567`. */
export function count(value: number): string {
  return COUNT.format(value);
}

/** `1 object`, `2 objects`. */
export function some(value: number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** As `1.5 GiB`. */
export function bytes(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < SIZES.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? COUNT.format(size) : size.toFixed(1)} ${SIZES[unit]}`;
}

/** As `4.2 s`, `3 min 10 s`, `2 h 5 min`, `3 d 4 h`: the two units that matter. */
export function duration(ms: number): string {
  if (ms < 10_000) return ms === 0 ? '0 s' : `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const parts: readonly (readonly [number, string])[] = [
    [days, 'd'],
    [hours, 'h'],
    [minutes, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  return parts
    .slice(first, first + 2)
    .flatMap(([value, unit]) => (value === 0 ? [] : [`${value} ${unit}`]))
    .join(' ');
}

/** @param at ms since the epoch */
export function ago(at: number, now: number): string {
  return `${duration(Math.max(0, now - at))} ago`;
}

/** Of UTC, as `2026-11-21 18:47:51Z`. @param at ms since the epoch */
export function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
