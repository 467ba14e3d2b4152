import { run } from '../process/run.ts'
import { tryCgroups } from './cgroups.ts'

/** What a node does of all sorts, in namespaces that are gone right after. */
const TRIES = [
  'mount --make-rshared /',
  'mount -t tmpfs tmpfs /run',
  'ip link add node0 type bridge',
  'nft add table ip node0',
  'iptables -N NODE0',
  'ipset create node0 hash:ip',
]
const UNSHARED = ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--mount-proc']

/** Why no node can run here although it is root who asks: containers have roots that may do little. Null where it can. */
export async function whyNoRights(): Promise<string | null> {
  const { code, stderr } = await run('unshare', [...UNSHARED, 'sh', '-ec', TRIES.join('\n')])
  const refused = code === 0 ? await tryCgroups() : stderr.trim() || `a try ended with ${code}`
  const [line = ''] = refused?.split('\n') ?? []
  return refused === null ? null : `a real node needs rights, or a kernel, that are not here: ${line}`
}
