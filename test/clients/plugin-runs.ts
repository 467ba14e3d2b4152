import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { run } from '../../local/process/run.ts'
import { pythonProgram } from './python/clients.ts'
import { playing } from './the-leased-edition.ts'

interface Kubeconfig {
  readonly users: readonly { readonly user: { readonly exec: { command: string } } }[]
}

/** Python's client asks its plugin again for each request while less than ten minutes are left of a token. */
test('the exec plugin runs once for ten requests of Python', { timeout: 240_000 }, async () => {
  await playing.lease('operate-anywhere', '--namespace', playing.edition.names.app)
  const kubeconfig = parse(await readFile(playing.stage.kubeconfigFile, 'utf8')) as Kubeconfig
  const [counting, runs] = ['counting', 'runs'].map(name => join(playing.edition.directory, name)) as [string, string]
  for (const { user } of kubeconfig.users) {
    await writeFile(counting, `#!/bin/sh\necho ran >> '${runs}'\nexec '${user.exec.command}' "$@"\n`)
    user.exec.command = counting
  }
  await chmod(counting, 0o755)
  const file = join(playing.edition.directory, 'counting.kubeconfig')
  await writeFile(file, stringify(kubeconfig))
  const { command, args = [], env = {} } = await pythonProgram('lists', () => undefined)
  const ran = await run(command, [...args, file, playing.edition.names.app, '10'], { env })
  expect(ran, ran.stderr).toMatchObject({ code: 0, stdout: 'listed\n'.repeat(10) })
  expect(await readFile(runs, 'utf8')).toBe('ran\n')
})
