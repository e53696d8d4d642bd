/** The commands as people and documents know them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { makeProgram } from '../../../lib/cli/program.ts';

const ROOT = join(import.meta.dirname, '../../..');
const leaves = (command: Command): readonly Command[] => [...(command.commands.length === 0 ? [command] : command.commands.flatMap(leaves))];
const nameOf = (command: Command): string => (command.parent ? `${nameOf(command.parent)} ${command.name()}`.trim() : '');
const program = makeProgram();
const all = [...leaves(program), ...program.commands.filter((command) => command.name() === 'verify')];

function helpOf(command: Command): string {
  const written: string[] = [];
  command.configureOutput({ writeOut: (text) => void written.push(text) }).outputHelp();
  return written.join('');
}

/** @returns null when it can be given so, else what is wrong with it */
function wrongWith(line: string): string | null {
  const words = line.split(/\s+/);
  let command = program;
  while (words[0] !== undefined) {
    const next = command.commands.find((each) => each.name() === words[0]);
    if (!next) break;
    command = next;
    words.shift();
  }
  if (command === program) return `there is no command ${line}`;
  const known = [...command.options.map(({ long }) => long), '--help'];
  const unknown = words.find((word) => word.startsWith('--') && !known.includes(word));
  return unknown === undefined ? null : `${nameOf(command)} has no option ${unknown}`;
}

describe('the help', () => {
  it.each(all.map((command) => [nameOf(command), command] as const))('of %s says what it does and gives an example that works', (name, command) => {
    const help = helpOf(command);
    const examples = [...help.matchAll(/\$ .*?npx tidemark ([^|>()\n#]*)/g)].map(([, line = '']) => line.trim());

    expect(command.description()).not.toBe('');
    expect(examples.length, help).toBeGreaterThan(0);
    expect(examples[0]).toMatch(new RegExp(`^${name}\\b`));
    if (!['deploy', 'destroy', 'synth'].includes(name)) expect(examples.map(wrongWith).filter((wrong) => wrong !== null)).toEqual([]);
  });
});

describe.each(['README.md', 'docs/operations.md', 'docs/backfill.md', 'docs/deploy.md', 'docs/runbook.md'])('the commands of %s', (file) => {
  it('exist, with their options', () => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const given = [...text.matchAll(/(?:npx |^\$ |`)tidemark ([a-z][^`|>()\n#;]*)/gm)].map(([, line = '']) => line.trim());

    expect(given.map(wrongWith).filter((wrong) => wrong !== null)).toEqual([]);
  });
});
