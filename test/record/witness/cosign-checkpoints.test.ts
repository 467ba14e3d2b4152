import { sign } from 'node:crypto'
import { appendFile, cp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { checkCosignatures, readCosignatures } from '../../../src/record/audit/checks/check-cosignatures.ts'
import { checkLedger } from '../../../src/record/audit/checks/check-ledger.ts'
import { Ledger } from '../../../src/record/ledger/ledger.ts'
import { dayFile, dayOf } from '../../../src/record/ledger/ledger-files.ts'
import { cosignNewest, type Seen } from '../../../src/record/witness/cosign-checkpoints.ts'
import { parseWitnessPolicy, type WitnessPolicy } from '../../../src/record/witness/witness-policy.ts'
import { makeLedgerFolder } from '../ledger/a-ledger.ts'
import { startWitness, witnessKeys } from './a-witness.ts'

const [first, second] = [await startWitness('w1'), await startWitness('w2')]
const home = await makeLedgerFolder()
const forger = witnessKeys('witness.example/forger')

afterAll(async () => {
  for (const one of [first, second, home]) await one[Symbol.asyncDispose]()
})

function policyOf(...lines: readonly string[]): WitnessPolicy {
  const parsed = parseWitnessPolicy(lines.join('\n'))
  if (parsed.kind === 'problem') throw new Error(parsed.message)
  return parsed.value
}

const both = policyOf(first.line, second.line, 'group all all w1 w2', 'quorum all')
const either = policyOf(first.line, second.line, 'group any any w1 w2', 'quorum any')

let turn = 0
let name = ''
let folder = ''
let ledger: Ledger
let seen: Seen
let now: number

beforeEach(async () => {
  turn += 1
  name = `ledger-${turn}`
  folder = join(home.directory, name)
  now = Date.UTC(2026, 10, 29, 12)
  seen = new Map()
  ledger = await open()
  for (const witness of [first, second]) await witness.knows(ledger.verifierKey)
  return () => ledger.close()
})

const open = () => Ledger.open({ folder, name, key: home.key, now: () => now })
const cosign = (policy = both) => cosignNewest({ folder, policy, caFile: null }, seen)

async function grow(entries: number): Promise<void> {
  const all = Array.from({ length: entries }, (_, n) => ({
    kind: 'decision' as const,
    at: now,
    id: `a-${n}`,
    hash: 'h'.repeat(43),
  }))
  await ledger.add(all)
  await ledger.checkpoint()
}

async function checked(policy = both) {
  const cosigned = await readCosignatures(home.directory, [name], policy)
  const { seen: count, troubles } = checkCosignatures(
    cosigned,
    [await checkLedger(home.directory, name, [home.publicKey])],
    policy,
  )
  return { seen: count, troubles: troubles.map(({ kind }) => kind) }
}

describe('cosignNewest', () => {
  test('real witnesses sign as the ledger grows, over the end of a day, and after a restart of the tap', async () => {
    for (const entries of [1, 5, 40, 2]) {
      await grow(entries)
      await cosign()
    }
    now += 86_400_000
    await grow(11)
    await cosign()
    await ledger.close()
    ledger = await open()
    seen = new Map()
    await grow(3)
    await cosign()
    expect(await checked()).toEqual({ seen: 6, troubles: [] })
  })

  test('one that has seen more of the ledger than there is does not sign what was put back', async () => {
    await grow(5)
    await cosign()
    await cp(folder, `${folder}-before`, { recursive: true })
    await grow(5)
    await cosign()
    await ledger.close()
    await rm(folder, { recursive: true })
    await cp(`${folder}-before`, folder, { recursive: true })
    await rm(`${folder}-before`, { recursive: true })
    seen = new Map()
    ledger = await open()
    await grow(1)
    await expect(cosign()).rejects.toThrow(/saw \d+ entries, of which here are \d+: the ledger was put back/)
    // Longer than what was seen, and still another one.
    await grow(40)
    await expect(cosign()).rejects.toThrow('does not sign: it said 422')
    for (let n = 0; n < 15; n++) await grow(1)
    expect((await checked()).troubles).toEqual(['unwitnessed'])
  })

  test('one that was away for long is brought on by steps, a few at a time', async () => {
    await cosign()
    await grow(3)
    await cosign()
    for (let n = 0; n < 24; n++) await grow(50)
    const some = () => cosignNewest({ folder, policy: both, caFile: null, atMost: 104 }, seen)
    await expect(some()).rejects.toThrow(/w1 has \d+ entries to catch up with; .*w2 has \d+ entries to catch up with/)
    const before = (await checked()).seen
    expect(before).toBe(11)
    await some()
    const { seen: after, troubles } = await checked()
    expect(after).toBeGreaterThanOrEqual(before + 2)
    expect(troubles).toEqual([])
  })

  test('one that says again and again that it has next to nothing has the tap go over a few steps, once', async () => {
    const liar = witnessKeys('witness.example/liar')
    const steps: { old: number; size: number }[] = []
    const server = createServer(async (request, response) => {
      const body = (await request.toArray()).join('')
      const [, old = '', size = ''] = /^old (\d+)\n[\s\S]*leasegate\/ledger\/[^\n]*\n(\d+)\n/.exec(body) ?? []
      steps.push({ old: Number(old), size: Number(size) })
      response.writeHead(409).end('1\n')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    for (let n = 0; n < 10; n++) await grow(50)
    const policy = policyOf(`witness liar ${liar.verifier} http://127.0.0.1:${port}/`, 'quorum liar')
    const ask = () => cosignNewest({ folder, policy, caFile: null, atMost: 60 }, seen)
    for (let n = 0; n < 3; n++) await expect(ask()).rejects.toThrow('it has forgotten what it signed')
    await new Promise(resolve => server.close(resolve))
    expect(steps.map(({ old }) => old)).toEqual([0, 1, 1, 1])
    expect(steps.slice(1).every(({ old, size }) => size - old <= 60)).toBe(true)
  })

  test('a log that it does not know it does not sign for, and the others are asked all the same', async () => {
    await second.knows()
    await grow(1)
    await expect(cosign()).rejects.toThrow('witness witness.example/w2 does not sign: it said 404')
    expect((await checked(either)).seen).toBe(1)
    expect((await checked(both)).seen).toBe(0)
  })
})

describe('checkCosignatures', () => {
  test('what somebody else signed, in the name of a witness or of another time, counts for nothing', async () => {
    await grow(1)
    const text = (await checkLedger(home.directory, name, [home.publicKey])).texts[0] ?? ''
    const time = Buffer.alloc(8)
    time.writeBigUInt64BE(1_764_000_000n)
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime 1764000001\n${text}`), forger.privateKey)
    const id = Buffer.from(forger.verifier.split('+')[1] ?? '', 'hex')
    const line = (by: string) => `— ${by} ${Buffer.concat([id, time, signature]).toString('base64')}`
    const note = `${text}\n${line('witness.example/w1')}\n${line('witness.example/forger')}\n\n`
    await appendFile(dayFile(folder, dayOf(now), 'cosignatures'), note)
    const policy = policyOf(first.line, `witness forger ${forger.verifier}`, 'group any any w1 forger', 'quorum any')
    expect((await checked(policy)).seen).toBe(0)
  })

  test('a checkpoint that a witness signed and the ledger has not shows that it was written anew', async () => {
    await grow(5)
    await cosign()
    await ledger.close()
    const kept = `${folder}-cosignatures`
    await cp(dayFile(folder, dayOf(now), 'cosignatures'), kept)
    await rm(folder, { recursive: true })
    now += 1000
    ledger = await open()
    await grow(5)
    await cp(kept, dayFile(folder, dayOf(now), 'cosignatures'))
    await rm(kept)
    expect((await checked()).troubles).toEqual(['split'])
  })
})
