import { widthOf } from './visible.ts';

/** A paragraph in lines of at most `width` columns, each indented; a word that is longer stays whole. Pure. */
export function wrapped(text: string, width: number, indent: number): string {
  const space = ' '.repeat(indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${space}${each}\n`).join('');
}
