/** Text of others (keys, messages) made fit for a terminal. Pure. */
import stringWidth from 'string-width';

/** What a terminal obeys or hides: controls, line and paragraph separators, marks that turn the direction of writing, lone surrogates. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' };
const ELLIPSIS = '…';
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A key is written by anyone: shown raw, it could recolour, rewrite or retitle the terminal. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => SHORT[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** The same of JSON, which stays the same value: its own escapes hold what else a terminal obeys. */
export function visibleJson(json: string): string {
  return json.replace(UNSEEN, (character) => (character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`));
}

/** Columns that the text takes; wide characters take two. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The beginning and the end of a key tell it apart; what is cut is its middle. @param width at least 1 */
export function cutMiddle(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const parts = [...graphemes.segment(text)].map(({ segment }) => segment);
  const room = width - widthOf(ELLIPSIS);
  const head = take(parts, Math.ceil(room / 2));
  const tail = take(parts.toReversed(), room - widthOf(head.join('')));
  return `${head.join('')}${ELLIPSIS}${tail.toReversed().join('')}`;
}

/** A sentence is cut at its end. @param width at least 1 */
export function cutEnd(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const parts = [...graphemes.segment(text)].map(({ segment }) => segment);
  return `${take(parts, width - widthOf(ELLIPSIS)).join('')}${ELLIPSIS}`;
}

function take(parts: readonly string[], width: number): readonly string[] {
  const taken: string[] = [];
  let used = 0;
  for (const part of parts) {
    used += widthOf(part);
    if (used > width) break;
    taken.push(part);
  }
  return taken;
}
