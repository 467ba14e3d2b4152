#!/usr/bin/env node
import { answerKept } from './cli/token-cache/answer-kept.ts'
import { keepCompiled } from './support/process/compile-cache.mjs'

if (!answerKept(process.argv.slice(2), process.env)) {
  // For an image. Where this file is started as it is, the launcher has done so before it was read.
  keepCompiled(process.argv[2], process.env)
  void start()
}

/** Not awaited: what an image's program is made of knows no await outside of functions. Only what is loaded from now on is kept. */
async function start(): Promise<never> {
  if (process.argv[2] === 'credential') {
    const { credentialAlone } = await import('./cli/access/credential-alone.ts')
    await credentialAlone(process.argv.slice(2), process.env)
  }
  const { CLIENT_COMMANDS } = await import('./cli/commands.ts')
  const { PLATFORM_COMMANDS, ROLE_COMMANDS } = await import('./cli/platform-commands.ts')
  const { main } = await import('./cli/main.ts')
  return main({
    'For agents and approvers:': CLIENT_COMMANDS,
    'For the platform team and analysts:': PLATFORM_COMMANDS,
    'Parts of an installation:': ROLE_COMMANDS,
  })
}
