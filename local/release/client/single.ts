import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '../../process/must.ts'
import { bundleWhole } from './bundle.ts'
import { BETWEEN, licenceIn, licencesOf } from './licences.ts'

const ROOT = join(import.meta.dirname, '../../..')
const MODULES = join(ROOT, 'node_modules')
const NODE = join(MODULES, 'node/bin/node')
const PLATFORM = `${process.platform}-${process.arch}`
/** Puts a file into an executable where Node.js looks for it. Node.js 25 does it itself (--build-sea). */
const POSTJECT = join(MODULES, 'postject/dist/cli.js')
/** As Node.js' manual has them: the name under which it looks, and what says in it that there is something. */
const [BLOB, FUSE] = ['NODE_SEA_BLOB', 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'] as const

/**
 * Makes one executable of the program of agents and approvers and of our Node.js, for machines of this kind; answers with its path in `out`.
 * Licences of what it holds lie beside it. Nothing leaves the machine.
 */
export async function packSingle(out: string): Promise<string> {
  const { files, sources } = await bundleWhole()
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string }
  const file = join(out, `leasegate-${version}-${PLATFORM}`)
  const folder = await mkdtemp(join(tmpdir(), 'lg-single-'))
  try {
    const [main, blob, config] = [join(folder, 'leasegate.cjs'), join(folder, 'blob'), join(folder, 'config.json')]
    await writeFile(main, files['dist/leasegate.cjs'] ?? '')
    await writeFile(config, JSON.stringify(settings(main, blob)))
    await must(NODE, ['--experimental-sea-config', config])
    await mkdir(out, { recursive: true })
    await rm(file, { force: true })
    await copyFile(NODE, file)
    await must(NODE, [POSTJECT, file, BLOB, blob, '--sentinel-fuse', FUSE])
    const node = await licenceIn(await packageOfNode())
    await writeFile(`${file}.LICENSES.txt`, [node, await licencesOf(sources)].join(BETWEEN))
    return file
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What the package `node` brings when it is installed; a later installation of others takes it away for being in no lockfile. */
async function packageOfNode(): Promise<string> {
  const folder = join(MODULES, `node/node_modules/node-${PLATFORM}`)
  if (!existsSync(folder)) await must('npm', ['rebuild', 'node'])
  return folder
}

function settings(main: string, output: string): object {
  return {
    main,
    output,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    // NODE_OPTIONS of a machine are for its own Node.js: one that ours does not know would keep it from starting.
    execArgvExtension: 'none',
  }
}
