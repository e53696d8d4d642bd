/** All commands, their options and their help. */
import type { Command } from 'commander';
import { VERSION } from '../core/version.ts';
import { addAudit } from './commands/audit.ts';
import { addBackfill } from './commands/backfill.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfig } from './commands/config.ts';
import { addConflicts } from './commands/conflicts.ts';
import { addDeploy } from './commands/deploy.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvents } from './commands/events.ts';
import { addFailed } from './commands/failed.ts';
import { addFailover } from './commands/failover.ts';
import { addGet } from './commands/get.ts';
import { addIngest } from './commands/ingest.ts';
import { addPut } from './commands/put.ts';
import { addRepair } from './commands/repair.ts';
import { addReplay } from './commands/replay.ts';
import { addRequeue } from './commands/requeue.ts';
import { addRoutes } from './commands/routes.ts';
import { addServe } from './commands/serve.ts';
import { addStatus } from './commands/status.ts';
import { addVerify } from './commands/verify.ts';
import { StrictCommand } from './strict-command.ts';
import { columns } from './terminal.ts';

/** Longer lines are tiring to read. */
const HELP_COLUMNS = 110;

const MORE = `
Exit codes: 0 ok, 1 failed, 2 usage, 3 differences found.
Environment: API_TOKEN (of a host), TIDEMARK_TOKEN (of an API on AWS that takes JSON web tokens), NO_COLOR.
The seven questions of an operator, each with its command: docs/operations.md.
`;

/** @param isJson what is wrong with the arguments is told by whoever calls it, not by the program itself */
export function makeProgram(isJson = false): Command {
  const program = new StrictCommand('tidemark')
    .description('Replicates objects between regions, proves that the copies are equal, and shows and repairs what went wrong.')
    .version(VERSION, '--version', 'of this Tidemark, as its reports name it')
    .exitOverride()
    // An option behind a subcommand is the subcommand's, also where the command before it has one of that name (verify list --json).
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: false, helpWidth: Math.min(columns(), HELP_COLUMNS) })
    .addHelpText('after', MORE);
  // Commands take these over when they are added.
  if (isJson) program.configureOutput({ outputError: () => undefined });
  else program.showHelpAfterError('(--help says what there is)');
  program.commandsGroup('Look:');
  addStatus(program);
  addEvents(program);
  addFailed(program);
  addConflicts(program);
  addAudit(program);
  program.commandsGroup('Act:');
  addRequeue(program);
  addReplay(program);
  addIngest(program);
  addRoutes(program);
  program.commandsGroup('The gateway:');
  addPut(program);
  addGet(program);
  addFailover(program);
  program.commandsGroup('Long work:');
  addBackfill(program);
  addVerify(program);
  addRepair(program);
  program.commandsGroup('Run and set up:');
  addServe(program);
  addDoctor(program);
  addConfig(program);
  addDeploy(program);
  addCompletion(program);
  return program;
}
