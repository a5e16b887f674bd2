#!/usr/bin/env node
/**
 * Starts Belay under a Node that can run it: this one when it is new enough, else the one pinned in node_modules.
 * Owns the version check, the hand-over, the cache of compiled code and one filtered warning; `cli/main` owns the rest.
 * 1. Syntax and modules here are those of Node 12.20, so that an old Node gets a sentence, not a stack trace.
 * 2. A Node that is new enough pays for nothing but the check and the cache, which gives back more.
 */
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEEDED = [22, 18];

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/** Sources run as they are in a checkout; Node strips no types inside node_modules, so a package brings dist. */
async function run() {
  quietSqlite();
  await keepCompiled();
  return import(existsSync(path('../src/cli/main.ts')) ? '../src/cli/main.ts' : '../dist/cli/main.js');
}

/**
 * Compiled code is kept from one start to the next, which halves the time to load. In the user's own cache folder,
 * not in Node's default under the shared temporary one, where somebody else could put code. Where it cannot be
 * written Node goes on without it.
 */
async function keepCompiled() {
  const { XDG_CACHE_HOME, HOME } = process.env;
  const cache = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
  if (!cache) return;
  const { enableCompileCache } = await import('node:module');
  enableCompileCache(`${cache}/belay/compiled`);
}

/** Node 22 warns that `node:sqlite` is experimental; every other warning passes. */
function quietSqlite() {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (rest[0] === 'ExperimentalWarning' && String(warning).startsWith('SQLite ')) return;
    emitWarning.call(process, warning, ...rest);
  };
}

async function handOver(node) {
  const { spawn } = await import('node:child_process');
  const { isatty } = await import('node:tty');
  const child = spawn(node, [path('belay.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
  const signals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'];
  // A terminal sends its interrupts to both processes by itself; a second one would mean "now, at once".
  const onTerminal = [0, 1, 2].some(isatty);
  for (const signal of signals) {
    const fromTerminal = onTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT');
    process.on(signal, () => fromTerminal || child.kill(signal));
  }
  child.on('error', (error) => refuse(`; the pinned one does not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

function refuse(detail) {
  console.error(`belay: needs Node ${NEEDED.join('.')} or newer, found ${process.versions.node}${detail}`);
  process.exit(2);
}

/** The Node of the `node` package in a checkout, or beside an installed Belay; undefined where there is none but this one. */
function pinnedNode() {
  const nodes = ['../node_modules/node/bin/node', '../../node/bin/node'].map(path);
  return nodes.find((node) => existsSync(node) && realpathSync(node) !== process.execPath);
}

function start() {
  if (isNewEnough(process.versions.node)) return run();
  const node = pinnedNode();
  return node ? handOver(node) : refuse(` (${process.execPath})`);
}

start();
