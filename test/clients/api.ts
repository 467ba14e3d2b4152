import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeEnvironment } from '../../local/edition/write-environment.ts'
import { run } from '../../local/process/run.ts'
import { NOT_TRIED } from '../../local/testing/count-results.ts'
import { cached } from '../../local/toolchain/cache.ts'
import { logged } from '../../local/toolchain/logged.ts'
import { lackingPython, pythonPackages } from '../support/programs/python-packages.ts'
import { until } from '../support/until.ts'
import { unrecorded } from './a-clients-edition.ts'
import { blocksOf, likeACheckout } from './python/page.ts'
import { playing } from './the-storys-edition.ts'

const WITHIN = 240_000
const EXAMPLES = join(import.meta.dirname, '../../docs/examples')
const PYTHON_MINOR = 11
const say = (line: string) => void process.stderr.write(`${line}\n`)

const [typescript, python] = blocksOf('docs/api.md').filter(({ language }) => language === 'sh')
const lacking = await lackingPython(PYTHON_MINOR)

describe('an agent of a generated client', () => {
  test.each(['typescript/agent.ts', 'python/agent.py'])('is short: %s', file => {
    expect(readFileSync(join(EXAMPLES, file), 'utf8').split('\n').length).toBeLessThan(50)
  })

  test('in TypeScript leases, restarts and gives back, as the page has it', { timeout: 600_000 }, async () => {
    const cache = await npmCache()
    // Node.js as the page wants it; npm finds what it would fetch.
    const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`
    await works(typescript?.text, { PATH, npm_config_cache: cache, npm_config_offline: 'true' })
  })

  test.skipIf(lacking !== null)(
    `${lacking === null ? '' : `${NOT_TRIED}${lacking}: `}in Python leases, restarts and gives back, as the page has it`,
    { timeout: 600_000 },
    async () => {
      const { wheels } = await pythonPackages('api-example', join(EXAMPLES, 'python/requirements.txt'), say)
      const pip = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels, PIP_DISABLE_PIP_VERSION_CHECK: '1' }
      await works(python?.text, { ...pip, PYTHONDONTWRITEBYTECODE: '1' })
    },
  )
})

/** What is typed does what the page says: the API server saw the restart, under a lease that is over afterwards. */
async function works(typed = 'false', env: Readonly<Record<string, string>>): Promise<void> {
  const { folder, done } = await likeACheckout()
  try {
    const agentFile = await writeEnvironment(folder, 'agent', playing.edition.environments.agent)
    const script = ['set -e', `cd ${folder}`, `. ${agentFile}`, typed].join('\n')
    const { code, stdout, stderr } = await run('bash', ['-c', script], { env })
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/leased lse_\w+\nrestarted\ngave it back\n$/)
    const lease = /lse_\w+/.exec(stdout)?.[0] ?? ''
    const seen = (await playing.stage.audit()).filter(one => one.lease === lease)
    expect(seen).toMatchObject([{ verb: 'patch', object: expect.stringContaining('web') }])
    const shown = await playing.leasegate('admin', 'lease', 'show', lease, '-o', 'json')
    expect(JSON.parse(shown.stdout)).toMatchObject({ state: { kind: 'revoked', reason: 'done' } })
    await until('all on record', async () => (await unrecorded(playing, [lease])).length === 0, WITHIN)
  } finally {
    await done()
  }
}

/** What `npm ci` fetches for the example, by the hashes of its lockfile. */
function npmCache(): Promise<string> {
  const from = join(EXAMPLES, 'typescript')
  const lockfile = readFileSync(join(from, 'package-lock.json'))
  return cached({
    name: `api-example-npm-${createHash('sha256').update(lockfile).digest('hex').slice(0, 12)}`,
    report: say,
    build: async (into, logFile) => {
      for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(from, file), join(into, file))
      const install = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--cache', into]
      await logged('npm', install, { logFile, cwd: into })
    },
  })
}
