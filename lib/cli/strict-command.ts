import { Command, type Option } from 'commander';

/**
 * A command that takes none of its own options for the value of another. `verify --prefix $P --deep`, where P is empty, would compare
 * what begins with `--deep`: nothing at all, and find it equal.
 */
export class StrictCommand extends Command {
  override createCommand(name?: string): Command {
    return new StrictCommand(name);
  }

  override parseOptions(args: string[]): ReturnType<Command['parseOptions']> {
    this.#refuseSwallowed(args);
    return super.parseOptions(args);
  }

  #refuseSwallowed(args: readonly string[]): void {
    const options = this.createHelp().visibleOptions(this);
    for (let index = 0; index < args.length; index += 1) {
      const arg = args[index] ?? '';
      if (arg === '--' || this.commands.some((each) => each.name() === arg)) return;
      const option = find(options, arg);
      if (!option?.required) continue;
      index += 1;
      const value = args[index] ?? '';
      if (!find(options, value.replace(/=.*/s, ''))) continue;
      this.error(`error: option '${option.flags}' has no value: ${value} is an option itself. If it is the value: ${arg}=${value}`, {
        code: 'commander.optionMissingArgument',
      });
    }
  }
}

function find(options: readonly Option[], arg: string): Option | undefined {
  return options.find(({ short, long }) => arg !== '' && (arg === short || arg === long));
}
