import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from './place.ts'

export const NODE_NAME = 'node-0'
export const NODE_ADDRESS = '10.99.0.1'
export const POD_NETWORK = '10.244.0.0/24'
export const SERVICE_NETWORK = '10.96.0.0/16'
export const API_SERVICE_ADDRESS = '10.96.0.1'
export const DNS_ADDRESS = '10.96.0.10'

/** The kubelet would set these for the whole machine: it is shown files that say so already. */
const KERNEL: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
}

/** Makes of the place what looks like a machine of its own. */
export async function furnish(place: Place, directory: string): Promise<void> {
  await mounts(place, directory)
  await kernel(place, directory)
  await network(place)
}

async function mounts({ must }: Place, directory: string): Promise<void> {
  // What a container mounts is seen by the kubelet and by the runtime alike, and outside by nobody.
  await must('mount', ['--make-rshared', '/'])
  await must('hostname', [NODE_NAME])
  for (const folder of ['/run', '/var/log']) await must('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', folder])
  await must('mkdir', ['-p', '/run/lock', '/run/netns'])
  // What some programs keep at fixed places is kept beside it.
  const [upper, work] = [join(directory, 'var-lib'), join(directory, 'var-lib.work')]
  for (const folder of [upper, work]) await mkdir(folder)
  const layers = `lowerdir=/var/lib,upperdir=${upper},workdir=${work}`
  await must('mount', ['-t', 'overlay', '-o', layers, 'overlay', '/var/lib'])
}

async function kernel({ must }: Place, directory: string): Promise<void> {
  for (const [name, value] of Object.entries(KERNEL)) {
    const file = join(directory, name.replaceAll('/', '-'))
    await writeFile(file, `${value}\n`)
    await must('mount', ['--bind', file, `/proc/sys/${name}`])
  }
}

/** No way out: nothing in a pod reaches this machine or anything beyond. */
async function network({ must, run }: Place): Promise<void> {
  // A bridge without ports carries the address: not every kernel has dummy devices.
  await must('ip', ['link', 'set', 'lo', 'up'])
  await must('ip', ['link', 'add', 'node0', 'type', 'bridge'])
  await must('ip', ['address', 'add', `${NODE_ADDRESS}/24`, 'dev', 'node0'])
  await must('ip', ['link', 'set', 'node0', 'up'])
  // Some programs learn who they are from the default route.
  await must('ip', ['route', 'add', 'default', 'dev', 'node0'])
  const forward = ['net.ipv4.ip_forward=1', 'net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.default.rp_filter=0']
  await must('sysctl', ['-qw', ...forward])
  // Not there without the kernel's module: then bridges do not ask iptables, and routed pods do anyway.
  await run('sysctl', ['-qw', 'net.bridge.bridge-nf-call-iptables=1'])
}
