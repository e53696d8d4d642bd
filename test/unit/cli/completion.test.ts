import { spawnSync } from 'node:child_process';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { completionScript } from '../../../lib/cli/completion-script.ts';
import { makeProgram } from '../../../lib/cli/program.ts';

const program = makeProgram();
const script = completionScript(program, 'bash');

/** What bash offers once these words are typed, the last of which is being typed: by whatever function it is told to ask for the first. */
function offered(...words: readonly string[]): readonly string[] {
  return offeredFor('tidemark', ...words);
}

function offeredFor(...line: readonly string[]): readonly string[] {
  const typed = line.map((word) => `'${word}'`).join(' ');
  const asked = `$(complete -p ${line[0]} | sed 's/.* -F \\([^ ]*\\) .*/\\1/')`;
  const ask = `COMP_WORDS=(${typed}); COMP_CWORD=${line.length - 1}; COMPREPLY=(); ${asked}; printf '%s\\n' "\${COMPREPLY[@]}"`;
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

  it('helps behind npx, too, and with nothing else that npx starts', () => {
    expect(offeredFor('npx', 'tidemark', 'ev')).toEqual(['events']);
    expect(offeredFor('npx', '--no-install', 'tidemark', 'routes', '')).toEqual(['list', 'pause', 'resume', '--help']);
    expect(offeredFor('npx', 'cowsay', 'ev')).toEqual(['']);
    expect(offeredFor('npx', 'tidemark')).toEqual(['']);
  });

  it('knows every command', () => {
    expect([...offered('')].sort()).toEqual([...program.commands.map((command) => command.name()), '--version', '--help'].sort());
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
    expect(fish).toContain("complete -c npx -n '__fish_seen_subcommand_from tidemark; and __fish_seen_subcommand_from routes; and not ");
    expect(fish).toContain("-n '__fish_seen_subcommand_from verify; and __fish_seen_subcommand_from report' -l stack -d ");
  });

  it('of zsh has a place for each command', () => {
    const zsh = completionScript(program, 'zsh');

    expect(zsh).toMatch(/^#compdef tidemark npx\n/);
    expect(paths(program, '').filter((path) => !zsh.includes(`\n    '${path}') words_=`))).toEqual([]);
  });
});
