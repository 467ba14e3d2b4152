import { expect, test } from 'vitest'
import { Browser } from '../../broker/console/browser.ts'
import { enterCode, Home } from '../../cli/login/login-world.ts'
import { until } from '../../support/until.ts'
import { playing } from './the-bare-edition.ts'

test('an approver logs in through Envoy and answers: the agent’s request goes on', async () => {
  const { names, environments, console } = playing.edition
  await using home = await Home.make({ ...environments.approver })
  const running = home.begin('--device')
  await enterCode(new Browser('', 'none:'), await running.direct(), names.approver, {}, console.password)
  expect(await running.ended).toMatchObject({ code: 0, stdout: expect.stringContaining(`${names.approver}, approver`) })

  await playing.lease(names.retire, '--ttl', '10m')
  const reading = playing.stage.kubectlRunning(['get', 'secret', 'db', '-n', names.app, '-o', 'name'])
  let waiting: readonly { readonly id: string; readonly digest: string }[] = []
  await until(
    'the question to be there',
    async () => {
      waiting = JSON.parse((await home.leasegate('approvals', '-o', 'json')).stdout)
      return waiting.length > 0
    },
    60_000,
  )
  const [{ id, digest } = { id: '', digest: '' }] = waiting
  expect(await home.leasegate('approve', id, '--yes', digest)).toMatchObject({ code: 0 })
  await reading.ended(60_000)
  expect(reading.output()).toContain('secret/db')
  expect(await home.leasegate('logout')).toMatchObject({ code: 0, stderr: expect.stringContaining('is revoked') })
  expect((await home.leasegate('approvals')).stderr).toContain('leasegate login')
})
