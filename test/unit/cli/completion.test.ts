import { spawnSync } from 'node:child_process';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { completionScript } from '../../../lib/cli/completion-script.ts';
import { makeProgram } from '../../../lib/cli/program.ts';

const program = makeProgram();
const script = completionScript(program, 'bash');

/** What bash offers once these words are typed, the last of which is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const line = ['tidemark', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _tidemark_complete; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `${script}\n${ask}`], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

describe('completion in bash', () => {
  it.each<readonly [readonly string[], readonly string[]]>([
    [['ev'], ['events']],
    [
      ['events', ''],
      ['list', 'show', 'follow', '--help'],
    ],
    [
      ['events', 'list', '--st'],
      ['--stack', '--status'],
    ],
    [['routes', 'resume', 'primary-secondary', '--acc'], ['--accept-deletes']],
    [['verify', '--d'], ['--deep']],
    [['verify', 'ca'], ['cancel']],
  ])('of %j offers %j', (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });

  it('knows every command', () => {
    expect([...offered('')].sort()).toEqual([...program.commands.map((command) => command.name()), '--help'].sort());
  });
});

describe('completion in fish and zsh', () => {
  const paths = (command: Command, path: string): readonly string[] =>
    command.commands.flatMap((each) => [`${path}${each.name()}`, ...paths(each, `${path}${each.name()} `)]);

  it('of fish asks for the words before each, and describes it', () => {
    const fish = completionScript(program, 'fish');

    expect(fish).toContain(
      "complete -c tidemark -n '__fish_seen_subcommand_from routes; and not __fish_seen_subcommand_from list pause resume' -a pause -d ",
    );
    expect(fish).toContain("-n '__fish_seen_subcommand_from verify; and __fish_seen_subcommand_from report' -l stack -d ");
  });

  it('of zsh has a place for each command', () => {
    const zsh = completionScript(program, 'zsh');

    expect(paths(program, '').filter((path) => !zsh.includes(`\n    '${path}') words_=`))).toEqual([]);
  });
});
