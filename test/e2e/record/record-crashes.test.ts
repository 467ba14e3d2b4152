import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anEdition, type TestEdition } from '../an-edition.ts'
import { crash, random, type Victim } from './record-crashes.ts'

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
const VICTIMS: readonly Victim[] = ['tap, batch in hand', 'authorizer-0', 'envoy', 'valkey', 'tap, told to stop']

let playing: TestEdition
beforeAll(async () => {
  playing = await anEdition()
})
afterAll(() => playing.stop())

describe('the record, with kill -9 under load', () => {
  test(`has exactly one row for every request, as the API server saw it (SEED=${SEED})`, async () => {
    const seen = await crash(playing, VICTIMS, random(SEED))
    const counts = { kills: seen.kills, sent: seen.sent, audited: seen.audited, recorded: seen.recorded }
    console.log(JSON.stringify(counts))
    expect(seen.audited).toBeGreaterThan(100)
    expect(seen).toMatchObject({ missing: [], double: [], different: [], unrecorded: [], insertedTwice: 0 })
  })
})
