import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { SessionKeys } from '../keys/session-keys.ts'
import { writeEnding } from './ending.ts'
import { readFrames, type SegmentPlace, toLastFrame } from './frames.ts'
import { readHead } from './head-file.ts'
import { codeOf, ENDING, HEAD, replaceFile, segmentFile, segmentOf } from './spool.ts'

export const LEFT = 'the recorder went away'

/**
 * Ends a session that a process before this one left running: closes its last segment at the last whole frame, which is the last that
 * anybody was told of. Resolves with false where there was nothing to do. Rejects with a SessionError when no key opens it.
 */
export async function takeOver(session: string, keys: SessionKeys): Promise<boolean> {
  const names = readdirSync(session)
  if (names.includes(ENDING)) return false
  const { head, key } = await readHead(session, keys)
  const segments = names.map(segmentOf).filter(one => one !== null)
  const last = segments.find(({ state }) => state === 'open')
  const at = lastWritten(session, names)
  const closed = last !== undefined && closeSegment(session, { key, auditId: head.auditId, n: last.n })
  // Those that the record has are gone, but for what the progress says: then this is too small, and does not count.
  const count = Math.max(0, ...segments.filter(({ state }) => state !== 'open').map(({ n }) => n + 1))
  const ending = { at: at.toISOString(), why: LEFT, segments: closed ? last.n + 1 : count }
  writeEnding(session, head.auditId, key, ending)
  return true
}

/** Its head, where nothing went through it. */
function lastWritten(session: string, names: readonly string[]): Date {
  const written = names.filter(name => name === HEAD || segmentOf(name) !== null)
  // One that is brought into the record meanwhile is gone.
  const times = written.map(name => statSync(join(session, name), { throwIfNoEntry: false })?.mtimeMs ?? 0)
  return new Date(Math.max(...times))
}

/** False when there was nothing in it. */
function closeSegment(session: string, place: SegmentPlace): boolean {
  const path = segmentFile(session, place.n, 'open')
  const file = readFileSync(path)
  const frames = readFrames(place, file)
  if (frames.count === 0) {
    rmSync(path)
    return false
  }
  if (!frames.isClosed) {
    replaceFile(path, Buffer.concat([file.subarray(0, frames.length), ...toLastFrame(place, frames.count)]))
  }
  try {
    renameSync(path, segmentFile(session, place.n, 'closed'))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
  return true
}
