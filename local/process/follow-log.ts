import { closeSync, fstatSync, openSync, readSync, unwatchFile, watchFile } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { printable } from '../../src/support/text/printable.ts'

const LOOK_EVERY_MS = 200
/** Of pino. */
const WARN = 40

/** Tells what is added to a log from now on, and is for people: warnings and worse, and lines that are no JSON. Returns its end. */
export function followLog(file: string, tell: (line: string) => void): () => void {
  const log = openSync(file, 'r')
  let decoder = new StringDecoder('utf8')
  let at = fstatSync(log).size
  let rest = ''
  const look = (): void => {
    const { size } = fstatSync(log)
    if (size < at) {
      // Cut, and begun anew.
      at = 0
      rest = ''
      decoder = new StringDecoder('utf8')
    }
    const added = Buffer.alloc(size - at)
    at += readSync(log, added, 0, added.length, at)
    const lines = (rest + decoder.write(added)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const text = forPeople(line)
      if (text !== null) tell(printable(text.replaceAll('\t', ' ')))
    }
  }
  watchFile(file, { interval: LOOK_EVERY_MS }, look)
  return () => {
    unwatchFile(file, look)
    closeSync(log)
  }
}

function forPeople(line: string): string | null {
  if (!line.startsWith('{')) return line.trim() === '' ? null : line
  try {
    const { level, msg, err } = JSON.parse(line) as { level?: number; msg?: string; err?: { message?: string } }
    if (level === undefined || level < WARN) return null
    return [msg, err?.message].filter(part => part !== undefined).join(': ')
  } catch {
    return line
  }
}
