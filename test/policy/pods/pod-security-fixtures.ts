import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { goModule } from '../../support/programs/go-module.ts'

export interface PodFixture {
  /** `baseline/fail/privileged0`. */
  readonly name: string
  /** Whether it keeps to the baseline level and to the restricted level's types of volumes. */
  readonly passes: boolean
  readonly pod: {
    readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
    readonly spec: Readonly<Record<string, unknown>>
  }
}

/** Pods that Kubernetes itself tries its Pod Security levels with, of the newest version that has any. */
export async function podSecurityFixtures(): Promise<readonly PodFixture[]> {
  const data = join(await goModule('k8s.io/pod-security-admission'), 'test/testdata')
  const versions = (await readdir(join(data, 'baseline'))).map(name => Number(name.replace('v1.', '')))
  const version = `v1.${Math.max(...versions)}`
  const lists = await Promise.all([
    fixturesIn(data, `baseline/${version}/pass`, ''),
    fixturesIn(data, `baseline/${version}/fail`, ''),
    fixturesIn(data, `restricted/${version}/pass`, ''),
    fixturesIn(data, `restricted/${version}/fail`, 'restrictedvolumes'),
  ])
  return lists.flat()
}

async function fixturesIn(data: string, folder: string, beginning: string): Promise<readonly PodFixture[]> {
  const files = (await readdir(join(data, folder))).filter(file => file.startsWith(beginning)).sort()
  return Promise.all(
    files.map(async file => ({
      name: `${folder.replace(/v1\.\d+\//, '')}/${file.replace('.yaml', '')}`,
      passes: folder.endsWith('pass'),
      pod: parse(await readFile(join(data, folder, file), 'utf8')),
    })),
  )
}
