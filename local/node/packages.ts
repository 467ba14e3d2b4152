import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { logged } from '../toolchain/logged.ts'

/** Of Debian and its children, with a file that tells whether it is there. */
const PACKAGES: Readonly<Record<string, string>> = {
  buildah: 'buildah',
  'containernetworking-plugins': '/usr/lib/cni/ptp',
  debootstrap: 'debootstrap',
  'debian-archive-keyring': '/usr/share/keyrings/debian-archive-keyring.gpg',
  iproute2: 'ip',
  ipset: 'ipset',
  iptables: 'iptables',
  nftables: 'nft',
  runc: 'runc',
  'util-linux': 'nsenter',
}

/** Not every root's PATH has these. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']

export function missingPackages(): readonly string[] {
  return Object.entries(PACKAGES)
    .filter(([, file]) => !isThere(file))
    .map(([name]) => name)
}

export interface Machine {
  readonly platform: string
  readonly isRoot: boolean
  readonly missing: readonly string[]
}

export function thisMachine(): Machine {
  return { platform: process.platform, isRoot: process.getuid?.() === 0, missing: missingPackages() }
}

/** Why no real node can run there, in one sentence; null where it can. */
export function whyNoNode({ platform, isRoot, missing }: Machine = thisMachine()): string | null {
  if (platform !== 'linux' || !isRoot) {
    return 'a real node needs Linux and root: namespaces, mounts and cgroups are made'
  }
  return missing.length === 0 ? null : `a real node needs packages that are missing: ${installation(missing)}`
}

/** Only where somebody asked for it: this changes the machine. */
export async function installPackages(logFile: string): Promise<void> {
  const missing = missingPackages()
  if (missing.length === 0) return
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await logged('apt-get', ['update'], { logFile, env })
  await logged('apt-get', ['install', '--yes', '--no-install-recommends', ...missing], { logFile, env })
}

function installation(names: readonly string[]): string {
  return `apt-get install --no-install-recommends ${names.join(' ')}`
}

function isThere(file: string): boolean {
  return file.startsWith('/') ? existsSync(file) : FOLDERS.some(folder => existsSync(join(folder, file)))
}
