/** Imports a function's bundle as Lambda does at a cold start, where nothing answers. Plain JavaScript: stripping types would be timed with it. */
import { Socket } from 'node:net';

let connections = 0;
Socket.prototype.connect = function refuse() {
  connections++;
  throw new Error('a function asks for nothing while it starts');
};

const cpu = process.cpuUsage();
const started = performance.now();
const { handler } = await import(process.argv[2]);
const importMs = performance.now() - started;
const { user, system } = process.cpuUsage(cpu);
const init = { importMs, nodeMs: started, cpuMs: (user + system) / 1000, connections, isFunction: typeof handler === 'function' };
process.stdout.write(JSON.stringify(init));
