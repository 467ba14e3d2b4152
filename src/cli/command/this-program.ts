import { basename, dirname, join } from 'node:path'

/** Whether Node.js and the program are one file, which is started by its own path. */
export function isSingleFile(): boolean {
  return process.getBuiltinModule('node:sea').isSea()
}

/** Of a checkout: it starts the program by the file beside it, and is quicker. */
const LAUNCHER = 'cli/launch.mjs'

/** What starts this very program once more, with this very Node.js, by absolute paths. */
export function thisProgram(): readonly [command: string, ...before: string[]] {
  const [, main = ''] = process.argv
  if (isSingleFile()) return [process.execPath]
  return [process.execPath, basename(main) === 'main.ts' ? join(dirname(main), LAUNCHER) : main]
}
