#!/usr/bin/env node
/** The command line. Started by tidemark.mjs, or by a Node that runs TypeScript. */
import { main } from '../lib/cli/main.ts';

process.exit(await main(process.argv.slice(2)));
