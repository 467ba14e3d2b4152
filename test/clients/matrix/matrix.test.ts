import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NOT_TRIED } from '../../../local/testing/count-results.ts'
import { stretched, until } from '../../support/until.ts'
import { unrecorded } from '../a-clients-edition.ts'
import { type Capability, COMPARED } from './capabilities.ts'
import type { Refusal } from './check.ts'
import { chosen } from './clients.ts'
import { EXPECTED } from './expected.ts'
import { lacking } from './lacking.ts'
import { TOKEN_TTL_MS } from './leased.ts'
import { Matrix } from './matrix.ts'
import { isSame, readResults, toResult, WRITE_RESULTS, writeResults } from './results.ts'

/** All of them share one cluster, and two cores. */
const WITHIN = 600_000

const here = chosen().map(client => ({
  ...client,
  missing: lacking(client),
}))
const tried = here.filter(({ missing }) => missing === null)

let matrix: Matrix

beforeAll(async () => {
  matrix = await Matrix.start(tried)
}, 1_200_000)
afterAll(() => matrix?.stop())

for (const { title, missing } of here.filter(({ missing }) => missing !== null)) {
  describe(title, () => test.skip(`${NOT_TRIED}${missing}`, () => undefined))
}

/** What each client was seen to do: what its tests came to the end of. */
const works = new Map(tried.map(({ id }) => [id, new Map<Capability, boolean>()]))

describe.each(tried)('$title $version', client => {
  const compared = COMPARED.filter(each => client.without[each] === undefined)
  const same = compared.filter(each => client.differs[each] === undefined)
  const other = compared.filter(each => client.differs[each] !== undefined)

  const worked = (capability: Capability) => void works.get(client.id)?.set(capability, true)

  beforeAll(() => matrix.checked(client.id), WITHIN)

  test.each(same)('%s: through the boundary as directly', async capability => {
    const { direct, through } = await matrix.checked(client.id)
    expect(direct.outcomes.get(capability)).toEqual({ ok: true, saw: expect.objectContaining(EXPECTED[capability]) })
    expect(through.outcomes.get(capability)).toEqual(direct.outcomes.get(capability))
    worked(capability)
  })

  test.each(other)('%s: otherwise than directly, as the table of differences says', async capability => {
    const { direct, through } = await matrix.checked(client.id)
    expect(direct.outcomes.get(capability)).toMatchObject({ ok: true })
    expect(through.outcomes.get(capability)).not.toEqual(direct.outcomes.get(capability))
    worked(capability)
  })

  test(
    'reads a refusal as one of Kubernetes, with status, reason, causes and what to do',
    async () => {
      const { error } = await matrix.refused(client.id)
      const { foreign } = matrix.playing.edition.names
      expect(error).toMatchObject({
        status: 403,
        reason: 'Forbidden',
        message: expect.stringContaining(`does not grant list on configmaps in namespace "${foreign}"`),
      })
      expect((error as Refusal).causes).not.toEqual([])
      worked('a refusal that programs can read')
    },
    WITHIN,
  )

  test(
    'waits for an approval, and uses it',
    async () => {
      const approved = await matrix.approved(client.id)
      expect(approved.all({ says: 'read' })).toMatchObject([{ keys: ['password'] }])
      // Some wait by themselves and say nothing.
      for (const { error } of approved.all({ says: 'waiting' })) {
        expect(error).toMatchObject({ status: 429, message: expect.stringContaining('apr_') })
      }
      worked('an approval awaited and used')
    },
    WITHIN,
  )

  test(
    'watches on when its token has ended and another is there, and is told when its lease is revoked',
    async () => {
      const { followed, startedAt, revokedAt } = await matrix.followed(client.id)
      const event = await followed.says({ says: 'event', name: `${client.id}-late` })
      expect(event.at - startedAt).toBeGreaterThan(TOKEN_TTL_MS)
      worked('a watch over the end of its token')
      const cut = await followed.says({ says: 'cut' })
      expect(cut.at - revokedAt).toBeLessThan(stretched(5000))
      const { error } = await followed.says({ says: 'refused' }, 60_000)
      // fabric8 says nothing of its plugin's words, and goes on with the token that it had.
      expect(JSON.stringify(error) + followed.errors).toMatch(
        /the lease was revoked|has ended \(revoked\)|the lease token has expired/,
      )
      worked('told of a revoke')
    },
    WITHIN,
  )

  test('sent what it was to send, and only where it may', async () => {
    const seen = await matrix.seen(client.id)
    const verbs = new Set(seen.map(({ verb }) => verb))
    const all = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
    const has = all.filter(verb => verb !== 'deletecollection' || client.without['delete a collection'] === undefined)
    expect(has.filter(verb => !verbs.has(verb))).toEqual([])
    const { app } = matrix.playing.edition.names
    expect(seen.filter(({ object }) => !object.startsWith(`${app}/`) && !object.startsWith('/'))).toEqual([])
  })
})

describe('the table of clients', () => {
  test(
    'says what was seen',
    async () => {
      const seen = tried.map(client => toResult(client, works.get(client.id) ?? new Map()))
      if (process.env[WRITE_RESULTS] !== undefined) writeResults(seen)
      const written = readResults().filter(row => seen.some(each => isSame(each, row)))
      expect(seen).toEqual(written)
    },
    WITHIN,
  )
})

describe('the record', () => {
  test('has all that the API server saw of them', async () => {
    await until('every one of them', async () => (await unrecorded(matrix.playing, matrix.leases)).length === 0)
  })
})
