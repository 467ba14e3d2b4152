import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../../local/process/run.ts'

/** What a node could change of the machine that it runs on: lines, by what they are about. */
export type MachineState = Readonly<Record<string, readonly string[]>>

/** Asked as root, of the machine and not of any namespace in it. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  interfaces: ['ip', '-oneline', 'link'],
  addresses: ['ip', '-oneline', 'address'],
  'routes of IPv4': ['ip', '-4', 'route', 'show', 'table', 'all'],
  'routes of IPv6': ['ip', '-6', 'route', 'show', 'table', 'all'],
  'rules of IPv4': ['ip', '-4', 'rule'],
  'rules of IPv6': ['ip', '-6', 'rule'],
  neighbours: ['ip', 'neighbour', 'show', 'nud', 'permanent'],
  nftables: ['nft', '--stateless', 'list', 'ruleset'],
  iptables: ['iptables-save'],
  ip6tables: ['ip6tables-save'],
  ipset: ['ipset', 'list', '-name'],
  'network namespaces': ['ip', 'netns'],
  'IPC of System V': ['ipcs'],
  host: ['hostname'],
}
/** Times that run out by themselves, counters, and when it was asked. */
const PASSING = / (?:valid_lft|preferred_lft|expires) \S+|\[\d+:\d+\]|^# (?:Generated|Completed).*$/g

/** What the kernel changes by itself from one moment to the next. */
const COUNTERS =
  /^(?:fs\/(?:dentry-state|file-nr|inode-nr|inode-state|quota\/.*)|kernel\/(?:ns_last_pid|random\/.*|pty\/nr)|fs\/aio-nr|net\/netfilter\/nf_conntrack_count)$/

const FILES = ['/etc/resolv.conf', '/etc/hosts', '/etc/hostname', '/etc/fstab', '/proc/swaps']

/** Where kubelets, runtimes, network plugins and clients keep things: by their names, so many levels below. */
const FOLDERS: Readonly<Record<string, number>> = {
  ...{ '/etc': 2, '/opt': 2, '/usr/libexec': 2, '/usr/local': 2 },
  // Deeper down others come and go.
  ...{ '/run': 1, '/var/lib': 1, '/var/log': 1 },
  ...{ [join(homedir(), '.kube')]: 2, [join(homedir(), '.config')]: 1, [join(homedir(), '.docker')]: 1 },
}
/** What a machine with systemd makes for whoever logs in, and for its own. */
const OF_OTHERS = /\.(?:slice|scope|service|socket|mount)(?:\/|$)|\/run\/user\//

export async function machineState(): Promise<MachineState> {
  const said = Object.entries(ASKED).map(async ([about, [command = '', ...args]]) => {
    const { stdout, stderr } = await run(command, args)
    return [about, linesOf(`${stdout}${stderr}`.replaceAll(new RegExp(PASSING, 'gm'), ''))] as const
  })
  return {
    ...Object.fromEntries(await Promise.all(said)),
    mounts: await mounts(),
    sysctls: (await valuesBelow('/proc/sys')).toSorted(),
    'control groups': (await foldersBelow('/sys/fs/cgroup')).filter(isNotOfOthers).toSorted(),
    files: await Promise.all(FILES.map(async file => `${file} ${await readFile(file, 'utf8').catch(String)}`)),
    folders: (await Promise.all(Object.entries(FOLDERS).map(each => namesIn(...each)))).flat().toSorted(),
  }
}

/** What is there now and was not, with a `+`, and the other way round with a `-`. */
export function differences(before: MachineState, after: MachineState): readonly string[] {
  return Object.keys({ ...before, ...after }).flatMap(about => {
    const [old = [], now = []] = [before[about], after[about]]
    const gone = old.filter(line => !now.includes(line)).map(line => `${about}: - ${line}`)
    return [...gone, ...now.filter(line => !old.includes(line)).map(line => `${about}: + ${line}`)]
  })
}

/** Processes that hold this text, such as the folder of a run, in arguments or environment, or run in such a control group. */
export async function processesOf(text: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name) && name !== String(process.pid))
  const found = pids.map(async pid => {
    const of = (name: string) => readFile(join('/proc', pid, name), 'utf8').catch(() => '')
    const [args, env, groups] = await Promise.all(['cmdline', 'environ', 'cgroup'].map(of))
    const isOne = [args, env].some(each => each?.includes(text)) || groups?.includes('/leasegate-node')
    // One that has ended may wait for who asks how.
    return isOne && args !== '' ? [`${pid} ${args?.replaceAll('\0', ' ')}`] : []
  })
  return (await Promise.all(found)).flat()
}

function isNotOfOthers(line: string): boolean {
  return !OF_OTHERS.test(line)
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter(line => line.trim() !== '')
}

/** Without numbers that each mount gets anew. */
async function mounts(): Promise<readonly string[]> {
  return linesOf(await readFile('/proc/1/mountinfo', 'utf8'))
    .map(line => line.replace(/^\d+ \d+ /, ''))
    .filter(isNotOfOthers)
}

async function valuesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const values = entries.map(async entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return valuesBelow(path)
    const name = path.slice('/proc/sys/'.length)
    if (COUNTERS.test(name)) return []
    return [`${name} = ${(await readFile(path, 'utf8').catch((error: Error) => error.message)).trim()}`]
  })
  return (await Promise.all(values)).flat()
}

async function foldersBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const below = entries.filter(entry => entry.isDirectory()).map(({ name }) => join(folder, name))
  return [...below, ...(await Promise.all(below.map(foldersBelow))).flat()]
}

async function namesIn(folder: string, levels: number): Promise<readonly string[]> {
  const entries = levels === 0 ? [] : await readdir(folder, { withFileTypes: true }).catch(() => [])
  const names = entries.map(async entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return [path, ...(await namesIn(path, levels - 1))]
    const target = entry.isSymbolicLink() ? ` -> ${await readlink(path).catch(String)}` : ''
    const size = await lstat(path).then(({ size }) => size, String)
    return [`${path}${target}${folder === '/etc' ? ` ${size}` : ''}`]
  })
  return (await Promise.all(names)).flat()
}
