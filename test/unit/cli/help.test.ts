/** The commands as people and documents know them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { makeProgram } from '../../../lib/cli/program.ts';
import { nameOf, wrongWith } from '../../fixtures/commands.ts';

const ROOT = join(import.meta.dirname, '../../..');
const leaves = (command: Command): readonly Command[] => [...(command.commands.length === 0 ? [command] : command.commands.flatMap(leaves))];
const program = makeProgram();
const all = [...leaves(program), ...program.commands.filter((command) => command.name() === 'verify')];

function helpOf(command: Command): string {
  const written: string[] = [];
  command.configureOutput({ writeOut: (text) => void written.push(text) }).outputHelp();
  return written.join('');
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

describe.each(['README.md', 'docs/operations.md', 'docs/backfill.md', 'docs/deploy.md', 'docs/gateway.md', 'docs/runbook.md'])(
  'the commands of %s',
  (file) => {
    it('exist, with their options', () => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const given = [...text.matchAll(/(?:npx |^\$ |`)tidemark ([a-z][^`|>()\n#;]*)/gm)].map(([, line = '']) => line.trim());

      expect(given.map(wrongWith).filter((wrong) => wrong !== null)).toEqual([]);
    });
  },
);
