#!/usr/bin/env node
// Starts the program that the package for this system brings. Nothing is downloaded.
'use strict';

const { spawnSync } = require('node:child_process');
const { constants } = require('node:os');

const name = `getimg-keys-${process.platform}-${process.arch}`;
const suffix = process.platform === 'win32' ? '.exe' : '';
let program;
try {
  program = require.resolve(`${name}/bin/getimg-keys${suffix}`);
} catch {
  console.error(`error: there is no getimg-keys for ${process.platform} on ${process.arch} here\n`);
  console.error(`hint: npm install ${name}  # where it was left out; else build it: cargo install --locked --path .`);
  process.exit(1);
}
// Ctrl-C is for the program; it says itself how it ends.
for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => {});
const ended = spawnSync(program, process.argv.slice(2), { stdio: 'inherit' });
if (ended.error) {
  console.error(`error: ${program} cannot be started: ${ended.error.code}`);
  process.exit(1);
}
process.exit(ended.status ?? 128 + (constants.signals[ended.signal] ?? 0));
