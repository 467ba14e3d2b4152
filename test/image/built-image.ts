import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { run } from '../../local/process/run.ts'
import { argsOf, type Dockerfile, type Instruction, parseDockerfile, substitute } from './dockerfile.ts'

export const ROOT = join(import.meta.dirname, '../..')

/** What our file adds to its base images, built without a container engine: its COPYs copied, its RUNs run. */
export interface BuiltImage {
  /** The folder that stands for `/` of the last stage. */
  readonly root: string
  /** The entry point as it is on this machine: our Node.js for the base's, and the paths below `root`. */
  readonly entryPoint: readonly [program: string, ...args: string[]]
  readonly remove: () => Promise<void>
}

export async function readDockerfile(): Promise<Dockerfile> {
  return parseDockerfile(await readFile(join(ROOT, 'Dockerfile'), 'utf8'))
}

/** The paths that .dockerignore lets through. */
export async function contextPaths(): Promise<readonly string[]> {
  const lines = (await readFile(join(ROOT, '.dockerignore'), 'utf8')).split('\n')
  const [all, ...allowed] = lines.filter(line => line !== '' && !line.startsWith('#'))
  if (all !== '*' || !allowed.every(line => /^![\w./-]+$/.test(line))) throw new Error('.dockerignore: no allow-list')
  return allowed.map(line => line.slice(1))
}

export async function buildImage(buildArgs: Readonly<Record<string, string>> = {}): Promise<BuiltImage> {
  const { stages } = await readDockerfile()
  const top = await mkdtemp(join(tmpdir(), 'leasegate-image-'))
  const remove = () => removeReadOnly(top)
  try {
    for (const { name, instructions } of stages) {
      const values = { ...argsOf(instructions), ...buildArgs }
      await buildStage(instructions, { top, root: join(top, name), values })
    }
    const last = stages.at(-1)
    const root = join(top, last?.name ?? '')
    const words = last?.instructions.find(({ name }) => name === 'ENTRYPOINT')?.words ?? []
    const args = words.slice(1).map(word => (word.startsWith('/') ? join(root, word) : word))
    return { root, entryPoint: [process.execPath, ...args], remove }
  } catch (error) {
    await remove()
    throw error
  }
}

interface Place {
  readonly top: string
  readonly root: string
  readonly values: Readonly<Record<string, string>>
}

async function buildStage(instructions: readonly Instruction[], place: Place): Promise<void> {
  let folder = '/'
  for (const instruction of instructions) {
    const { name, text } = instruction
    if (name === 'WORKDIR') {
      folder = resolve(folder, text)
      await mkdir(join(place.root, folder), { recursive: true })
    }
    if (name === 'COPY') await copy(instruction, folder, place)
    if (name === 'RUN') await runInStage(text, join(place.root, folder), place.values)
  }
}

/** What a stage made is linked, not copied: it is large, and its stage is over. */
async function copy({ text, flags }: Instruction, folder: string, { top, root, values }: Place): Promise<void> {
  const paths = substitute(text, values).split(/\s+/)
  const target = paths.pop() ?? ''
  const stage = flags['from']
  for (const path of paths) {
    const source = stage === undefined ? await inContext(path) : join(top, stage, path)
    const into = join(root, resolve(folder, target))
    const isFolder = (await stat(source)).isDirectory()
    const to = target.endsWith('/') && !isFolder ? join(into, basename(path)) : into
    await mkdir(dirname(to), { recursive: true })
    await mustRun('cp', ['-aT', ...(stage === undefined ? [] : ['--link']), source, to])
    await mustRun('chmod', ['-R', flags['chmod'] ?? '', to])
  }
}

async function inContext(path: string): Promise<string> {
  const allowed = await contextPaths()
  if (!allowed.some(one => path === one || path.startsWith(`${one}/`))) throw new Error(`${path}: not let through`)
  return join(ROOT, path)
}

/** A shell, as the first stage has one; of this machine it sees where npm's packages come from, and nothing of a running npm. */
async function runInStage(command: string, cwd: string, values: Readonly<Record<string, string>>): Promise<void> {
  const ours = /^(HOME|.*_proxy|NODE_EXTRA_CA_CERTS|npm_config_(registry|cache|cafile|userconfig|globalconfig))$/i
  const kept = Object.entries(process.env).flatMap(([name, value]) => (ours.test(name) ? [`${name}=${value}`] : []))
  const path = `PATH=${dirname(process.execPath)}:${process.env['PATH']}`
  const given = Object.entries(values).map(([name, value]) => `${name}=${value}`)
  const env = ['-i', '-C', cwd, path, 'npm_config_prefer_offline=true', ...kept, ...given]
  const { code, stderr } = await run('env', [...env, '/bin/sh', '-c', command])
  if (code !== 0) throw new Error(`RUN ${command}\n${stderr}`)
}

/** Folders without a write bit keep what is in them from anybody but root. */
async function removeReadOnly(top: string): Promise<void> {
  await mustRun('chmod', ['-R', 'u+w', top])
  await rm(top, { recursive: true, force: true })
}

async function mustRun(command: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(command, args)
  if (code !== 0) throw new Error(`${command}: ${stderr}`)
}
