#!/usr/bin/env node
// What `npm run pack` makes a program of: leasegate as agents and approvers need it, in plain JavaScript.
import './support/process/older-node.ts'
import { isSingleFile } from './cli/command/this-program.ts'
import { answerKept } from './cli/token-cache/answer-kept.ts'
import { keepCompiled } from './support/process/compile-cache.mjs'

if (!answerKept(process.argv.slice(2), process.env)) {
  // A single file has what Node compiled in it.
  if (!isSingleFile()) keepCompiled(process.argv[2], process.env)
  void start()
}

/** Not awaited: what a single file is made of knows no await outside of functions. */
async function start(): Promise<never> {
  if (process.argv[2] === 'credential') {
    const { credentialAlone } = await import('./cli/access/credential-alone.ts')
    await credentialAlone(process.argv.slice(2), process.env)
  }
  const { CLIENT_COMMANDS } = await import('./cli/commands.ts')
  const { main } = await import('./cli/main.ts')
  return main({ 'Commands:': CLIENT_COMMANDS })
}
