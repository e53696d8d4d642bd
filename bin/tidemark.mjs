#!/usr/bin/env node
// JavaScript, so that any Node can start it: one that runs no TypeScript gives its place to the Node 24 that `npm ci` installed.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('tidemark.ts', import.meta.url));
const args = process.argv.slice(2);
// A host runs for months. V8 sets its heap for short work: it lets some 200 MiB of garbage stand beside 30 MiB that are in use.
// Who chose otherwise, by NODE_OPTIONS or on the command line, is not overruled.
const chosen = [process.env.NODE_OPTIONS ?? '', ...process.execArgv].some((flags) => flags.includes('semi-space'));
const flags = args[0] === 'serve' && !chosen ? JSON.parse(readFileSync(new URL('host-flags.json', import.meta.url), 'utf8')) : [];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 24 || (major === 24 && minor >= 0)) {
  // The size of the heap is settled when the process begins, so it begins anew: under the same id, with all signals its own.
  if (flags.length > 0 && process.execve)
    process.execve(process.execPath, [process.execPath, ...process.execArgv, ...flags, program, ...args], process.env);
  await import('./tidemark.ts');
} else {
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(node)) {
    process.stderr.write(`tidemark: it needs Node 24, and this is ${process.versions.node}. Run \`npm ci\` in its folder, which installs it.\n`);
    process.exit(1);
  }
  const child = spawn(node, [...flags, program, ...args], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; the child decides what becomes of it. What is sent to this process alone is passed on.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
