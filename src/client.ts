#!/usr/bin/env node
// What `npm run pack` makes a program of: leasegate as agents and approvers need it, in plain JavaScript.
import './support/older-node.ts'
import { keepCompiled } from './support/compile-cache.ts'

if (process.argv[2] === 'credential') keepCompiled(process.env)
const { CLIENT_COMMANDS } = await import('./cli/commands.ts')
const { main } = await import('./cli/main.ts')
await main({ 'Commands:': CLIENT_COMMANDS })
