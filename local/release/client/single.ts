import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '../../process/must.ts'
import { type Bundle, bundleWhole } from './bundle.ts'
import { BETWEEN, licenceIn, licencesOf } from './licences.ts'
import { HERE, nodeFor } from './node-for.ts'
import { sbomOf } from './sbom.ts'

const ROOT = join(import.meta.dirname, '../../..')
const MODULES = join(ROOT, 'node_modules')
const NODE = join(MODULES, 'node/bin/node')
/** Puts a file into an executable where Node.js looks for it. Node.js 25 does it itself (--build-sea). */
const POSTJECT = join(MODULES, 'postject/dist/cli.js')
/** As Node.js' manual has them: the name under which it looks, and what says in it that there is something. */
const [BLOB, FUSE] = ['NODE_SEA_BLOB', 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'] as const

/**
 * Makes one executable of the program of agents and approvers and of our Node.js, for machines of this kind; answers with its path in `out`.
 * Licences and names of what it holds lie beside it. Nothing leaves the machine. The same source makes the same bytes.
 */
export async function packSingle(out: string): Promise<string> {
  return makeSingle(await bundleWhole(), HERE, out)
}

/** The same of a bundle that is there, for machines of any kind that there is a Node.js for. */
export async function makeSingle({ files, sources }: Bundle, platform: string, out: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string }
  const file = join(out, `leasegate-${version}-${platform}`)
  const node = await nodeFor(platform)
  const folder = await mkdtemp(join(tmpdir(), 'lg-single-'))
  try {
    await writeFile(join(folder, MAIN), files['dist/leasegate.cjs'] ?? '')
    await writeFile(join(folder, 'config.json'), JSON.stringify(settings(platform)))
    // Its own seed, of what it compiles, is another one each time.
    await must(NODE, ['--random-seed=1', '--experimental-sea-config', 'config.json'], {}, folder)
    await mkdir(out, { recursive: true })
    await rm(file, { force: true })
    await copyFile(join(node, 'bin/node'), file)
    await must(NODE, [POSTJECT, file, BLOB, join(folder, OUTPUT), '--sentinel-fuse', FUSE])
    await writeFile(`${file}.LICENSES.txt`, [await licenceIn(node), await licencesOf(sources)].join(BETWEEN))
    await writeFile(`${file}.cdx.json`, `${JSON.stringify(await sbomOf(version, node, sources), null, 2)}\n`)
    return file
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** By names alone, which stand in what is made. */
const [MAIN, OUTPUT] = ['leasegate.cjs', 'blob'] as const

function settings(platform: string): object {
  return {
    main: MAIN,
    output: OUTPUT,
    disableExperimentalSEAWarning: true,
    // What is compiled here is for a Node.js of this kind.
    useCodeCache: platform === HERE,
    // NODE_OPTIONS of a machine are for its own Node.js: one that ours does not know would keep it from starting.
    execArgvExtension: 'none',
  }
}
