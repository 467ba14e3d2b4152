import { appendFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { leasegateOutput } from '../../../local/edition/leasegate.ts'
import type * as Processes from '../../../local/edition/processes.ts'
import { followLog } from '../../../local/process/follow-log.ts'
import { listensOn } from '../../../local/process/listens-on.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { Valkey } from '../../support/stores/valkey.ts'
import { until } from '../../support/until.ts'

const ROOT = join(import.meta.dirname, '../../..')
const valkey = await Valkey.start()
const supervisor = new Supervisor()
let checkout: string
let stopFollowing = () => {}

afterAll(() => valkey.stop())

/** Of its own: files of it are edited. */
beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'lg-'))
  for (const folder of ['src', 'local', 'envoy', 'protos', 'package.json'])
    await cp(join(ROOT, folder), join(checkout, folder), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'))
})
afterEach(async () => {
  stopFollowing()
  await supervisor.stop()
  await rm(checkout, { recursive: true, force: true, maxRetries: 3 })
})

async function said(log: string, what: string): Promise<number> {
  return (await readFile(log, 'utf8')).split(what).length - 1
}

test('a watched role begins anew when a file of it changes, also when that was broken, and for no other', async () => {
  const directory = join(checkout, 'parts')
  await mkdir(directory)
  const keysDirectory = join(directory, 'keys')
  await leasegateOutput(['keys', 'init', '--dir', keysDirectory])
  const redisSocket = join(valkey.dir, 'valkey.sock')
  const policyFile = join(ROOT, 'test/vectors/policy-example.yaml')
  const options = { supervisor, directory, redisSocket, keysDirectory, policyFile, clickhouseUrl: null, watch: true }
  const { startAuthorizer } = (await import(join(checkout, 'local/edition/processes.ts'))) as typeof Processes
  const [socket, log] = [join(directory, 'authorizer.sock'), join(directory, 'authorizer.log')]
  await startAuthorizer(options, socket, 'authorizer')

  const told: string[] = []
  stopFollowing = followLog(log, line => told.push(line))
  await appendFile(join(checkout, 'src/tap/start-tap.ts'), 'throw new Error("of another role")\n')
  const file = join(checkout, 'src/authorizer/start-authorizer.ts')
  const right = await readFile(file, 'utf8')
  await writeFile(file, `${right}\nprocess.stdout.write('once more\\n')\n`)
  await until('the change to be told', () => told.includes('once more'))
  await until('it to listen again', () => listensOn(socket))

  await writeFile(file, `${right}\nthrow new Error('broken')\n`)
  await until('the mistake to be told', () => told.some(line => line.includes('broken')))
  await until('it to be away', async () => !(await listensOn(socket)))
  await writeFile(file, right)
  await until('it to listen after the mend', () => listensOn(socket))
  expect(await said(log, 'once more')).toBe(1)
  expect(await said(log, 'of another role')).toBe(0)
})
