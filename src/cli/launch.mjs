#!/usr/bin/env node
// `npx leasegate` starts with whatever Node is on PATH, and an older one cannot run TypeScript files. The checkout brings its own.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const node = process.features.typescript ? process.execPath : ownNode()
if (node === null) {
  process.stderr.write('leasegate: this Node.js cannot run it; run npm install first, or use Node.js 24\n')
  process.exit(1)
}

// Who asks for a token a second time was refused with the first, and is known by its process: here that would be ours.
const env = process.argv[2] === 'credential' ? { ...process.env, LEASEGATE_TOKEN_CACHE: 'off' } : process.env
const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit', env })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', error => {
  process.stderr.write(`leasegate: cannot start ${node}: ${error.message}\n`)
  process.exit(1)
})
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))

/** The npm package `node` holds the binary itself. */
function ownNode() {
  try {
    const file = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node')
    return existsSync(file) ? file : null
  } catch {
    return null
  }
}
