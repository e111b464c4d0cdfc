import { readFile } from 'node:fs/promises';
import { run } from './run.js';

process.exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  readText: (path) => readFile(path, 'utf8'),
  print: (line) => process.stdout.write(`${line}\n`),
  printError: (line) => process.stderr.write(`${line}\n`),
});
