/** Whether Node.js and the program are one file, which is started by its own path. */
export function isSingleFile(): boolean {
  return process.getBuiltinModule('node:sea').isSea()
}

/** What starts this very program once more, with this very Node.js, by absolute paths. */
export function thisProgram(): readonly [command: string, ...before: string[]] {
  const [, main = ''] = process.argv
  return isSingleFile() ? [process.execPath] : [process.execPath, main]
}
