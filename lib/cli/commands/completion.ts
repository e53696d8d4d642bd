/** `tidemark completion SHELL`: what a shell needs to complete commands and options. */
import { Argument, type Command } from 'commander';
import { withExample } from '../api-command.ts';
import { completionScript, SHELLS, type Shell } from '../completion-script.ts';
import { print } from '../terminal.ts';

export function addCompletion(program: Command): void {
  withExample(
    program.command('completion').description('a script that completes commands and options in your shell'),
    'source <(npx tidemark completion bash)',
    'npx tidemark completion zsh > ~/.zfunc/_tidemark   # a folder of $fpath',
    'npx tidemark completion fish > ~/.config/fish/completions/tidemark.fish',
  )
    .addArgument(new Argument('<shell>', 'which one').choices([...SHELLS]))
    .action((shell: Shell) => print(completionScript(program, shell)));
}
