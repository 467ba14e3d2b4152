import { beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { NOT_TOO_BUSY, unrecorded } from './a-clients-edition.ts'
import { playing } from './the-leased-edition.ts'

const leases: string[] = []
let app: string

beforeAll(() => {
  app = playing.edition.names.app
})

const canI = (...args: readonly string[]) => playing.stage.kubectl(['auth', 'can-i', ...args])

describe('kubectl auth can-i', () => {
  describe('under a lease for everything in one namespace', () => {
    beforeAll(async () => void leases.push(await playing.lease('operate-anywhere', '--namespace', app)))

    test.each([
      { what: 'in the namespace', args: () => ['list', 'pods', '-n', app], says: /^yes\n$/ },
      {
        what: 'in another, which RBAC grants',
        args: () => ['list', 'pods', '-n', 'default'],
        says: /^no - leasegate: .*"default"/,
      },
      { what: 'everywhere', args: () => ['list', 'pods', '-A'], says: /^no - leasegate: / },
      { what: 'nodes', args: () => ['get', 'nodes', '-n', app], says: /^no - leasegate: / },
      {
        what: 'tokens',
        args: () => ['create', 'serviceaccounts', '--subresource=token', '-n', app],
        says: /^no - .*dangerous/,
      },
      { what: 'bindings', args: () => ['create', 'rolebindings', '-n', app], says: /^no - .*dangerous/ },
      { what: 'proxies', args: () => ['get', 'pods', '--subresource=proxy', '-n', app], says: /^no - .*dangerous/ },
      { what: 'all', args: () => ['*', '*', '-n', app], says: /^no - leasegate: .*one at a time/ },
      { what: 'a path', args: () => ['get', '/metrics'], says: /^no - leasegate: / },
      { what: 'discovery', args: () => ['get', '/version'], says: /^yes\n$/ },
    ])('$what: $says', async ({ args, says }) => {
      const { stdout, stderr } = await canI(...args())
      expect(stdout, stderr).toMatch(says)
    })

    test('what waits for an approver is a yes with a warning', async () => {
      const { stdout, stderr } = await canI('get', 'secrets', '-n', app)
      expect(stdout).toBe('yes\n')
      expect(stderr).toContain('Warning: leasegate: waits for an approver')
    })
  })

  describe('under a lease for one command', () => {
    beforeAll(async () => void leases.push(await playing.lease('look-inside')))

    test('running any command is a no', async () => {
      const { stdout } = await canI('create', 'pods', '--subresource=exec', '-n', app)
      expect(stdout).toMatch(/^no - leasegate: /)
    })

    test("--list has the lease's rules, without what is a no by itself, and says what they leave open", async () => {
      const { code, stdout, stderr } = await canI('--list', '-n', app)
      expect(code, stderr).toBe(0)
      expect(stdout).toMatch(/^pods +\[] +\[] +\[get list]$/m)
      expect(stdout).not.toMatch(/^\*\.\*/m)
      expect(stdout).not.toContain('pods/exec')
      expect(stderr).toContain('RBAC decides behind the boundary')
    })
  })

  describe('under a lease of which a budget runs out', () => {
    test('kubectl prints what is left, then that nothing is, and can-i says no', async () => {
      const lease = await playing.lease('operate-anywhere', '--namespace', app)
      leases.push(lease)
      const narrowed = ['lease', 'narrow', lease, '--budget', 'requests=5', '--budget', 'deletes=0']
      expect(await playing.leasegate('agent', ...narrowed)).toMatchObject({ code: 0 })
      expect((await canI('list', 'pods', '-n', app)).stdout).toBe('yes\n')
      expect((await canI('delete', 'pods', '-n', app)).stdout).toMatch(/^no - leasegate: .* spent: deletes/)
      const get = () => playing.stage.kubectl(['get', 'pods', '-n', app])
      const said: string[] = []
      for (let times = 0; times < 5; times++) {
        const { code, stderr } = await get()
        expect(code, stderr).toBe(0)
        said.push(/^Warning: (.*)$/m.exec(stderr)?.[1] ?? '')
      }
      const left = (count: number) => `leasegate: lease ${lease} has ${count} left of its budget of requests`
      expect(said).toEqual(['', '', '', left(1), left(0)])
      expect((await get()).stderr).toContain('a budget of the lease is spent: requests')
      expect((await canI('list', 'pods', '-n', app)).stdout).toMatch(/^no - leasegate: .* spent: requests/)
      const { stdout } = await canI('--list', '-n', app)
      expect(stdout).not.toMatch(/^\*\.\*/m)
    })
  })

  test('each question is on record, and what the API server saw of them is', async () => {
    const questions = async () =>
      playing.sql<{ status: number; forwarded: boolean }>(
        `SELECT status, forwarded FROM requests WHERE resource LIKE 'selfsubject%' AND ${NOT_TOO_BUSY} AND lease IN ('${leases.join("','")}')`,
      )
    // A decision is there before its outcome, which has the status.
    const answered = async () => (await questions()).filter(({ status }) => status !== 0)
    await until('all answers to be on record', async () => (await answered()).length >= 13, 60_000)
    expect(new Set((await answered()).map(({ status }) => status))).toEqual(new Set([201]))
    const unanswered = async () => (await questions()).length - (await answered()).length
    await until('none to be without its answer', async () => (await unanswered()) === 0, 60_000)
    await until('what the API server saw', async () => (await unrecorded(playing, leases)).length === 0, 60_000)
  })
})
