import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, type Report } from '../../../../local/toolchain/cache.ts'
import { logged } from '../../../../local/toolchain/logged.ts'
import { pythonPackages } from '../../../support/programs/python-packages.ts'

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
/** The package that all collections come in: some 500 MB, of which one is wanted. */
const COLLECTION = join(import.meta.dirname, 'collection.txt')

export const ANSIBLE_VERSION = /^ansible-core==(\S+)/m.exec(readFileSync(REQUIREMENTS, 'utf8'))?.[1] ?? ''

export interface Ansible {
  /** Interpreter that has ansible-core and the official client. */
  readonly python: string
  /** For ANSIBLE_COLLECTIONS_PATH: has kubernetes.core. */
  readonly collections: string
}

export async function ensureAnsible(report: Report): Promise<Ansible> {
  const { python } = await pythonPackages('ansible', REQUIREMENTS, report)
  return { python, collections: await kubernetesCore(python, report) }
}

const UNPACK = `
import glob, sys, zipfile
[wheel] = glob.glob(sys.argv[1] + "/*.whl")
archive = zipfile.ZipFile(wheel)
archive.extractall(sys.argv[2], [name for name in archive.namelist() if name.startswith("ansible_collections/kubernetes/core/")])
`

async function kubernetesCore(python: string, report: Report): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(COLLECTION)).digest('hex').slice(0, 12)
  return await cached({
    name: `ansible-kubernetes-core-${hash}`,
    report,
    build: async (into, logFile) => {
      const wheel = join(into, 'wheel')
      await mkdir(wheel)
      const fetch = ['-m', 'pip', '--disable-pip-version-check', 'download', '--no-deps', '--only-binary=:all:']
      await logged(python, [...fetch, '--require-hashes', '--dest', wheel, '-r', COLLECTION], { logFile })
      await logged(python, ['-c', UNPACK, wheel, into], { logFile })
    },
  })
}
