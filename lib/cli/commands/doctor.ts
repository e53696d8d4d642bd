/** `tidemark doctor`: what stands in the way of replication, and what to do about it. */
import type { Command } from 'commander';
import { ending, withExample } from '../api-command.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { columns, note, print, printJson } from '../terminal.ts';
import { some } from '../text/units.ts';
import { findingText } from '../views/finding-text.ts';

export function addDoctor(program: Command): void {
  const summary = 'check buckets, permissions, notifications, keys, clocks, queues and tokens. Exits with 1 when something must be mended';
  withExample(program.command('doctor').description(summary).summary('look for what stands in the way of replication'), 'npx tidemark doctor')
    .option('--json', 'answer with JSON')
    .addHelpText('after', '\nRun it where the configuration and the credentials of Tidemark are: it looks with them.\n')
    .action(
      ending(async ({ json }: { readonly json?: boolean }): Promise<ExitCode> => {
        const { examine } = await import('../doctor/examine.ts');
        const findings = await examine(process.cwd(), process.env);
        const errors = findings.filter(({ level }) => level === 'error').length;
        const warnings = findings.filter(({ level }) => level === 'warning').length;
        if (json) printJson({ findings });
        else {
          print(findings.map((finding) => findingText(finding, columns())).join(''));
          note(`${errors === 0 ? 'Nothing must be mended' : `To be mended: ${some(errors, 'finding')}`}; ${some(warnings, 'warning')}.`);
        }
        return errors > 0 ? EXIT.failed : EXIT.ok;
      }),
    );
}
