import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, type Report } from '../../toolchain/cache.ts'
import { logged } from '../../toolchain/logged.ts'

const RELEASE = 'trixie'
const MIRROR = 'http://deb.debian.org/debian'
/** What the programs in the images are linked against, beside what each Debian has. */
const PACKAGES = ['ca-certificates', 'libatomic1', 'libgcc-s1', 'libstdc++6', 'netbase', 'tzdata']

/** The folder of a small Debian, the one that the product's base images are made of. Needs root. */
export function ensureDebian(report: Report): Promise<string> {
  const hash = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 12)
  return cached({
    name: `debian-${RELEASE}-${hash}`,
    report,
    build: async (folder, logFile) => {
      const include = `--include=${PACKAGES.join()}`
      // It mounts /proc in there: in a mount namespace of its own, so that whoever removes half a build removes nothing else.
      await logged('unshare', ['--mount', 'debootstrap', '--variant=minbase', include, RELEASE, folder, MIRROR], {
        logFile,
      })
      const leftovers = ['debootstrap', 'var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man']
      for (const name of leftovers) await rm(join(folder, name), { recursive: true, force: true })
    },
  })
}
