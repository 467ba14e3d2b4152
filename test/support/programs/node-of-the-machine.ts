import { accessSync, constants, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The Node.js that this run was started with, which may be older than the one it goes on in; that one where it is the only one. */
export function nodeOfTheMachine(): string {
  const own = realpathSync(process.execPath)
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(folder => !folder.includes('node_modules'))
    .map(folder => join(folder, 'node'))
    .find(isProgram)
  return found === undefined ? own : realpathSync(found)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
