import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judgeGrants, seesAll } from '../../../src/proof/doctor/store/grants.ts'
import { readAccess } from '../../../src/record/access/read-access.ts'

const AS_USER = fileURLToPath(new URL('../../record/access/as-user.ts', import.meta.url))
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lg-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** As `leasegate migrate --access` prints them. */
function grantsOf(role: string): readonly string[] {
  return readAccess(null)
    .replaceAll(/^--.*$/gm, '')
    .split(/;\s*(?:\n|$)/)
    .map(statement => statement.replace(/\s+/g, ' ').trim())
    .filter(statement => statement.startsWith('GRANT') && statement.endsWith(` TO ${role}`))
    .map(statement => statement.replace(` TO ${role}`, ''))
}

const toXml = (grants: readonly string[]) =>
  `<grants>${grants.map(grant => `<query>${grant}</query>`).join('')}</grants>`

/** What a real engine tells a user with these grants, some of which come by the role `given`. */
async function told(grants: readonly string[], ofRole: readonly string[] = ['GRANT SELECT ON system.one']) {
  const at = await mkdtemp(join(folder, 'db-'))
  const [users, config] = [join(at, 'users.xml'), join(at, 'config.xml')]
  const user = `<default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>${toXml(grants)}</default>`
  const rest = `<profiles><default/></profiles><quotas><default/></quotas><roles><given>${toXml(ofRole)}</given></roles>`
  await writeFile(users, `<clickhouse>${rest}<users>${user}</users></clickhouse>`)
  await writeFile(config, `<clickhouse><users_config>${users}</users_config></clickhouse>`)
  const child = spawn(process.execPath, [AS_USER, join(at, 'data'), config], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify([{ sql: 'SHOW GRANTS FINAL' }]))
  const [rows] = (await json(child.stdout)) as readonly (readonly [string])[][]
  return (rows ?? []).map(([line]) => line)
}

describe('judgeGrants', () => {
  test('finds nothing in what migrate --access gives to the tap, nor to an analyst, who does not see every table', async () => {
    const writer = await told(grantsOf('leasegate_writer'))
    expect(writer.length).toBeGreaterThan(1)
    expect([judgeGrants('tap', writer), seesAll(writer)]).toEqual([[], true])
    const analyst = await told(grantsOf('leasegate_analyst'))
    expect(analyst.length).toBeGreaterThan(1)
    expect([judgeGrants('ann', analyst), seesAll(analyst)]).toEqual([[], false])
  })

  test.each([
    { name: 'everything', grants: ['GRANT ALL ON *.* WITH GRANT OPTION'], finds: 'ALL on *.*' },
    { name: 'a right on all databases', grants: ['GRANT SELECT, TRUNCATE ON *.*'], finds: 'TRUNCATE on *.*' },
    {
      name: 'a right on one table',
      grants: ['GRANT SELECT(agent), ALTER DELETE ON leasegate.lease_events'],
      finds: 'ALTER DELETE on leasegate.lease_events',
    },
    {
      name: 'a right that comes by a role',
      grants: ['GRANT given'],
      ofRole: ['GRANT ALTER UPDATE ON leasegate.*'],
      finds: 'ALTER UPDATE on leasegate.*',
    },
  ])('$name is found', async ({ grants, ofRole, finds }) => {
    expect(judgeGrants('u', await told(grants, ofRole)).map(({ what }) => what)).toEqual([
      `the user u of LEASEGATE_CLICKHOUSE_URL can take from the record: ${finds}`,
    ])
  })

  test('a right elsewhere is none of ours', async () => {
    expect(judgeGrants('u', await told(['GRANT ALL ON other.*']))).toEqual([])
  })
})
