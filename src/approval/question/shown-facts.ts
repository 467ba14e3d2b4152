import type { Fact } from './facts.ts'
import { type Weight, weightOf } from './weight.ts'

/** Bytes of all lines about what runs and what it reaches: an approver sees every one of them, or is not asked. */
const MUST_SHOW_BYTES = 4096
/** Bytes of the lines about the rest. */
const REST_BYTES = 2048
const LINE_BYTES = 512

/**
 * The facts as lines, those that reach furthest first; of the rest as many as find room, and how many more there are. Null when what must
 * be shown does not find room, or a credential in it would have to be hidden.
 */
export function shownFacts(facts: readonly Fact[], mask: (text: string) => string): readonly string[] | null {
  if (facts.some(fact => isHeldBack(fact, mask))) return null
  const weighed = Map.groupBy(facts, weightOf)
  const of = (weight: Weight) => weighed.get(weight)?.map(({ text }) => text) ?? []
  const [reaches, runs, rest] = [of('reaches').map(text => `! ${text}`), of('runs'), of('other')]
  if (bytesOf([...reaches, ...runs]) > MUST_SHOW_BYTES) return null
  const kept: string[] = []
  let room = REST_BYTES
  for (const text of rest) {
    const line = mask(cut(text))
    room -= Buffer.byteLength(line) + 1
    if (room < 0) break
    kept.push(line)
  }
  const left = rest.length - kept.length
  return [
    ...[...reaches, ...runs].map(mask),
    ...kept,
    ...(left === 0 ? [] : [`and ${left} more fields that are not shown`]),
  ]
}

/** Names under which something runs, whatever is assigned in it. */
const COMMANDS: ReadonlySet<string> = new Set(['command', 'args', 'exec', 'lifecycle', 'script'])

/**
 * Whether a mask would take something from an approver that may run: a command with a credential in it, or a credential of several
 * words, as nobody has them.
 */
function isHeldBack({ text, path }: Fact, mask: (text: string) => string): boolean {
  if (mask(text) === text) return false
  return path.some(name => COMMANDS.has(String(name))) || /['"=:]\s*\S+[ \t]+\S/.test(text.slice(text.indexOf('=') + 1))
}

/** Names of fields alone, for bodies that hold a credential. */
export function shownPlaces(places: readonly string[]): readonly string[] | null {
  const kept = [...new Set(places.map(cut))]
  return bytesOf(kept) > REST_BYTES ? null : kept
}

function cut(line: string): string {
  if (Buffer.byteLength(line) <= LINE_BYTES) return line
  const kept = line.slice(0, LINE_BYTES / 4)
  return `${kept.toWellFormed()} … ${line.length - kept.length} characters more`
}

function bytesOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
}
