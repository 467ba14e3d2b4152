import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NOT_TRIED } from '../../../local/testing/count-results.ts'
import { forgetPlace, forgetTokens } from '../../../src/cli/token-cache/forget-tokens.ts'
import { keepToken } from '../../../src/cli/token-cache/keep-token.ts'
import { readKept } from '../../../src/cli/token-cache/read-kept.ts'
import { aPlace, aToken, given, NOW } from './a-kept-token.ts'

const [FIRST, SECOND, THIRD] = [101, 102, 103] as const
const MINUTE = 60_000
/** Nobody else gives files away. */
const IS_ROOT = process.getuid?.() === 0
const ONLY_ROOT = IS_ROOT ? '' : `${NOT_TRIED}root: `
let home: string
let folder: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lg-kept-'))
  folder = join(home, 'leasegate', 'lease-tokens')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const place = () => aPlace(folder)
const keep = () => keepToken(place(), given('lse_1'), FIRST)
const read = (asker: number = SECOND, now = NOW) => readKept(place(), asker, now)

/** Of what is kept, with something in it changed. */
function rewrite(change: object): void {
  const kept = JSON.parse(readFileSync(place().file, 'utf8').split('\n')[0] ?? '')
  writeFileSync(place().file, `${JSON.stringify({ ...kept, ...change })}\n`)
}

describe('a token that is kept', () => {
  test('is there for the next process, in a file and a folder of the user alone, whatever the umask', () => {
    const before = process.umask(0)
    try {
      expect(keep()).toBe(true)
    } finally {
      process.umask(before)
    }
    expect(read()).toMatchObject({ lease: 'lse_1', token: aToken('lse_1') })
    expect(statSync(place().file).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(readdirSync(folder)).toHaveLength(1)
  })

  test('is given to no process twice, nor to the one that it was asked for: who asks again was refused with it', () => {
    keep()
    expect(read(FIRST)).toBeNull()
    expect(read(SECOND)).not.toBeNull()
    expect(read(SECOND)).toBeNull()
    expect(read(THIRD)).not.toBeNull()
  })

  test.each([
    { what: 'of a lease that goes on, for two thirds of its time', more: {}, lasts: 10 * MINUTE },
    { what: 'that is the last of its lease, until just before its end', more: { isLast: true }, lasts: 895_000 },
    { what: 'of a lease that ends soon', more: { isLast: true, livesMs: 2 * MINUTE }, lasts: 115_000 },
    { what: 'of a lease that is as good as over, not at all', more: { isLast: true, livesMs: 5000 }, lasts: 0 },
  ])('$what', ({ more, lasts }) => {
    keepToken(place(), given('lse_1', more), FIRST)
    expect(read(SECOND, NOW + lasts - 1) !== null).toBe(lasts > 0)
    expect(read(THIRD, NOW + lasts)).toBeNull()
  })

  test('of a lease that stands in a file by then is kept for a minute, and never beyond what its client was told', () => {
    const byFile = aPlace(folder, { isForNow: true })
    keepToken(byFile, given('lse_1'), FIRST)
    expect(readKept(byFile, SECOND, NOW + MINUTE - 1)).not.toBeNull()
    expect(readKept(byFile, THIRD, NOW + MINUTE)).toBeNull()
  })

  test('of a template is kept for a minute: another lease may be the newest by then', () => {
    const newest = aPlace(folder, { lease: null, template: 'restart-web', isForNow: true })
    keepToken(newest, given('lse_1'), FIRST)
    expect(readKept(newest, SECOND, NOW + MINUTE - 1)).not.toBeNull()
    expect(readKept(newest, THIRD, NOW + MINUTE)).toBeNull()
  })

  test('is of no use once the certificate is over that it goes with', () => {
    keepToken(place(), { ...given('lse_1'), certificateUntil: NOW + MINUTE }, FIRST)
    expect(read(SECOND, NOW + MINUTE - 1)).not.toBeNull()
    expect(read(THIRD, NOW + MINUTE)).toBeNull()
  })

  test('becomes no younger by a clock that is put back', () => {
    keep()
    expect(read(SECOND, NOW - 1)).toBeNull()
  })

  test('of another lease is neither kept nor used', () => {
    keepToken(place(), given('lse_2'), FIRST)
    expect(existsSync(place().file)).toBe(false)
    keep()
    rewrite({ token: aToken('lse_2') })
    expect(read()).toBeNull()
    rewrite({ token: aToken('lse_2'), lease: 'lse_2' })
    expect(read()).toBeNull()
  })

  test.each([
    { what: 'another version', change: { version: 2 } },
    { what: 'a time beyond that of its token', change: { until: NOW + 900_001 } },
    { what: 'no end', change: { until: null } },
    { what: 'no token', change: { token: '' } },
    { what: 'a token without claims', change: { token: 'a.b.c' } },
    { what: 'an expiry that is no text', change: { expirationTimestamp: 1 } },
  ])('is not used with $what', ({ change }) => {
    keep()
    rewrite(change)
    expect(read()).toBeNull()
  })

  test.each([
    { what: 'nothing in it', text: '' },
    { what: 'half of it', text: '{"version":1,"lease":"lse' },
    { what: 'a list', text: '[1]' },
    { what: 'null', text: 'null' },
  ])('is not used with $what, and the next one is kept in its place', ({ text }) => {
    keep()
    writeFileSync(place().file, text)
    expect(read()).toBeNull()
    keep()
    expect(read()).not.toBeNull()
  })

  test('is not used once thousands had it, so that a file is bounded', () => {
    keep()
    appendFileSync(place().file, '7\n'.repeat(40_000))
    expect(read()).toBeNull()
  })
})

describe('where others have to do with it, nothing is read or kept:', () => {
  test('a folder that is open to others', () => {
    keep()
    chmodSync(folder, 0o750)
    expect(read()).toBeNull()
    expect(keep()).toBe(false)
  })

  test('a folder above in which others may rename', () => {
    keep()
    chmodSync(join(home, 'leasegate'), 0o777)
    expect(read()).toBeNull()
    expect(keep()).toBe(false)
    chmodSync(join(home, 'leasegate'), 0o1777)
    expect(read()).not.toBeNull()
  })

  test('a link in place of the folder, or of one above', () => {
    keep()
    renameSync(folder, join(home, 'elsewhere'))
    symlinkSync(join(home, 'elsewhere'), folder)
    expect(read()).toBeNull()
    expect(keep()).toBe(false)
    rmSync(folder)
    renameSync(join(home, 'elsewhere'), folder)
    renameSync(join(home, 'leasegate'), join(home, 'moved'))
    symlinkSync(join(home, 'moved'), join(home, 'leasegate'))
    expect(read()).toBeNull()
    expect(keep()).toBe(false)
  })

  test('a link, a pipe or a folder in place of the file', () => {
    keep()
    const [file, own] = [place().file, join(home, 'own')]
    renameSync(file, own)
    symlinkSync(own, file)
    expect(read()).toBeNull()
    rmSync(file)
    execFileSync('mkfifo', ['-m', '600', file])
    expect(read()).toBeNull()
    rmSync(file)
    mkdirSync(file, { mode: 0o700 })
    expect(read()).toBeNull()
    // It cannot be put there, and nothing is left of the attempt.
    expect(keep()).toBe(true)
    expect(readdirSync(folder)).toHaveLength(1)
  })

  test('a file that others may read', () => {
    keep()
    chmodSync(place().file, 0o640)
    expect(read()).toBeNull()
  })

  test.skipIf(!IS_ROOT)(`${ONLY_ROOT}a file or folder of somebody else`, () => {
    keep()
    chownSync(place().file, 65_534, 65_534)
    expect(read()).toBeNull()
    keep()
    expect(read()).not.toBeNull()
    chownSync(folder, 65_534, 65_534)
    expect(read(THIRD)).toBeNull()
    expect(keep()).toBe(false)
  })

  test('a home in which others may write, where nothing is made', () => {
    chmodSync(home, 0o777)
    expect(keep()).toBe(true)
    expect(readdirSync(home)).toEqual([])
  })

  test.skipIf(!IS_ROOT)(`${ONLY_ROOT}a home of somebody else, as below sudo, where nothing is made`, () => {
    chownSync(home, 65_534, 65_534)
    expect(keep()).toBe(true)
    expect(readdirSync(home)).toEqual([])
  })

  test('a folder that cannot be made is no matter', () => {
    writeFileSync(join(home, 'leasegate'), '')
    expect(keep()).toBe(true)
    expect(read()).toBeNull()
    // Where a disk takes nothing.
    expect(keepToken(aPlace('/proc/self/leasegate/lease-tokens'), given('lse_1'), FIRST)).toBe(true)
  })
})

describe('files', () => {
  test('do not pile up: what nobody came for while a token lives is swept by the next that is kept', () => {
    keep()
    const kept = (name: string) => join(folder, name)
    for (const name of ['fedcba9876543210', '0123456789abcdef.17-00000000', 'ahead', 'fresh'])
      writeFileSync(kept(name), '')
    const at = (ms: number) => (Date.now() + ms) / 1000
    utimesSync(kept('fedcba9876543210'), at(-16 * MINUTE), at(-16 * MINUTE))
    utimesSync(kept('0123456789abcdef.17-00000000'), at(-16 * MINUTE), at(-16 * MINUTE))
    utimesSync(kept('ahead'), at(16 * MINUTE), at(16 * MINUTE))
    keep()
    expect(readdirSync(folder).sort()).toEqual(['0123456789abcdef', 'fresh'])
  })

  test('of one lease, or of one template, or of one question, are taken away', () => {
    const env = { XDG_RUNTIME_DIR: home }
    const other = aPlace(folder, { file: join(folder, 'fedcba9876543210'), lease: 'lse_2' })
    const newest = aPlace(folder, { file: join(folder, '00000000ffffffff'), lease: null, template: 'restart-web' })
    keep()
    keepToken(other, given('lse_2'), FIRST)
    keepToken(newest, given('lse_3'), FIRST)
    forgetTokens(env, kept => kept.lease === 'lse_1')
    expect(readdirSync(folder).sort()).toEqual(['00000000ffffffff', 'fedcba9876543210'])
    forgetTokens(env, kept => kept.template === 'restart-web')
    expect(readdirSync(folder)).toEqual(['fedcba9876543210'])
    forgetPlace(other)
    expect(readdirSync(folder)).toEqual([])
  })
})
