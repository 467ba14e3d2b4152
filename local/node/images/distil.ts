import { chmod, lstat, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../process/run.ts'

const PACKAGES = ['ca-certificates', 'libatomic1', 'libc6', 'libgcc-s1', 'libstdc++6', 'netbase', 'tzdata']
/** Merged in Debian 13: /lib is a link to /usr/lib, whatever the package's list says. */
const MERGED = /^\/(bin|lib|lib64|sbin)\//
const LEFT_OUT = /^\/usr\/(bin|sbin|share\/(doc|lintian|man))\//

const NONROOT = 65_532
const PASSWD = `root:x:0:0:root:/root:/sbin/nologin
nonroot:x:${NONROOT}:${NONROOT}:nonroot:/home/nonroot:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
`
const GROUP = `root:x:0:
nonroot:x:${NONROOT}:
nobody:x:65534:
`

/** As distroless images are: the files of a few packages and a user, without a shell or a package manager. */
export async function distil(debian: string, folder: string): Promise<void> {
  const lists = await Promise.all(PACKAGES.map(name => filesOf(debian, name)))
  const wanted = ['/bin', '/lib', '/lib64', '/sbin', '/etc/ssl/certs/ca-certificates.crt', '/etc/os-release']
  const files = await existing(debian, [...wanted, ...lists.flat()])
  await mkdir(folder, { recursive: true })
  const archive = join(folder, '.tar')
  const list = files.map(file => `.${file}\n`).join('')
  await must('tar', ['-C', debian, '--no-recursion', '-T', '-', '-cf', archive], list)
  await must('tar', ['-C', folder, '-xf', archive])
  await must('rm', [archive])
  for (const name of ['tmp', 'var/tmp']) {
    await mkdir(join(folder, name), { recursive: true })
    await chmod(join(folder, name), 0o1777)
  }
  await mkdir(join(folder, 'etc'), { recursive: true })
  await writeFile(join(folder, 'etc/passwd'), PASSWD)
  await writeFile(join(folder, 'etc/group'), GROUP)
  await writeFile(join(folder, 'etc/nsswitch.conf'), 'hosts: files dns\n')
}

async function filesOf(debian: string, name: string): Promise<readonly string[]> {
  const info = join(debian, 'var/lib/dpkg/info')
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
  const text = await readFile(join(info, `${name}:${architecture}.list`), 'utf8').catch(() =>
    readFile(join(info, `${name}.list`), 'utf8'),
  )
  return text
    .split('\n')
    .map(line => line.replace(MERGED, '/usr/$1/'))
    .filter(line => line.startsWith('/') && line !== '/.' && !LEFT_OUT.test(line))
}

/** Files and links; folders come by what is in them. */
async function existing(debian: string, files: readonly string[]): Promise<readonly string[]> {
  const kept = await Promise.all(
    [...new Set(files)].map(async file => {
      const found = await lstat(join(debian, file)).catch(() => null)
      return found?.isFile() || found?.isSymbolicLink() ? file : null
    }),
  )
  return kept.filter(file => file !== null)
}

async function must(command: string, args: readonly string[], input = ''): Promise<void> {
  const { code, stderr } = await run(command, args, { input })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}
