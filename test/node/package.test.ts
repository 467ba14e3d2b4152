import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HOME } from '../../local/node/product/client-pod.ts'
import { inPod } from '../../local/node/product/product.ts'
import { packClient } from '../../local/release/client/pack.ts'
import { theNode, theProduct } from './the-node.ts'

const node = theNode()
const { agent, names } = theProduct()
const shell = (line: string, input?: string) => inPod(node, agent, ['sh', '-ec', line], input)
const PROGRAM = `${HOME}/installed/node_modules/.bin/leasegate`

describe('the package for npm, in a container with Node.js and no network but the boundary', () => {
  let directory: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lg-'))
    const tarball = await readFile(await packClient(directory), 'base64')
    const install = `npm install --prefix ${HOME}/installed --offline --no-audit --no-fund ${HOME}/leasegate.tgz`
    const installed = await shell(`base64 -d > ${HOME}/leasegate.tgz; ${install}`, tarball)
    expect(installed).toMatchObject({ code: 0 })
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  test('is whole: an agent has who it is, a lease, and pods', async () => {
    expect((await shell(`${PROGRAM} version`)).stdout).toMatch(/^leasegate \d/)
    expect((await shell(`${PROGRAM} whoami`)).stdout).toContain(names.agent)
    const run = `${PROGRAM} run --template ${names.inspect} --reason 'by the package' --namespace ${names.app}`
    const { code, stdout } = await shell(`${run} -- kubectl get pods`)
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`${names.deployment}-`) })
  })
})
