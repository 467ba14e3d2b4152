#!/usr/bin/env node
// `npx leasegate` starts with whatever Node is on PATH, and an older one cannot run TypeScript files. The checkout brings its own.
import { fileURLToPath } from 'node:url'
import { keepCompiled } from '../support/process/compile-cache.mjs'

// A process more would take as long as most commands do.
if (process.features.typescript) {
  // Before the first file that is TypeScript: what has nothing else to do need not load what reads that.
  keepCompiled(process.argv[2], process.env)
  // By it this program is started once more, whatever link led here.
  process.argv[1] = fileURLToPath(import.meta.url)
  await import('../main.ts')
} else await runBy(await ownNode())

async function runBy(node) {
  if (node === null) {
    process.stderr.write('leasegate: this Node.js cannot run it; run npm install first, or use Node.js 24\n')
    process.exit(1)
  }
  const { spawn } = await import('node:child_process')
  const { constants } = await import('node:os')
  // Who asks for a token a second time was refused with the first, and is known by its process: here that would be ours.
  const env = process.argv[2] === 'credential' ? { ...process.env, LEASEGATE_TOKEN_CACHE: 'off' } : process.env
  // The program itself: were this the file, a Node.js that runs no TypeScript either would start one more, and so on.
  const program = fileURLToPath(new URL('../main.ts', import.meta.url))
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', error => {
    process.stderr.write(`leasegate: cannot start ${node}: ${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

/** The npm package `node` holds the binary itself. */
async function ownNode() {
  const { existsSync } = await import('node:fs')
  const { createRequire } = await import('node:module')
  const { dirname, join } = await import('node:path')
  try {
    const file = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node')
    return existsSync(file) ? file : null
  } catch {
    return null
  }
}
