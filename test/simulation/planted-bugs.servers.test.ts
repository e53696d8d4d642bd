/** The planted bugs of the log and of the archive: they need no server, and take too long beside the other ones. */
import { MORE_ARCHIVE_BUGS } from './planted-archive-bugs.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { plantedBugsSuite } from './planted-bugs-suite.ts';

plantedBugsSuite([...PLANTED_BUGS.filter(({ log, archive }) => log || archive), ...MORE_ARCHIVE_BUGS]);
