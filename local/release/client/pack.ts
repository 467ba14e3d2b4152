import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { must } from '../../process/must.ts'
import { bundleClient } from './bundle.ts'
import { licencesOf } from './licences.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** Packs the program of agents and approvers for npm; answers with the tarball's path in `out`. Nothing leaves the machine. */
export async function packClient(out: string): Promise<string> {
  const { files, sources } = await bundleClient()
  const folder = await mkdtemp(join(tmpdir(), 'lg-pack-'))
  try {
    const own = ['LICENSE', 'CHANGELOG.md'].map(async name => [name, await readFile(join(ROOT, name), 'utf8')] as const)
    const all = {
      ...files,
      ...Object.fromEntries(await Promise.all(own)),
      'README.md': README,
      'THIRD-PARTY-LICENSES.txt': await licencesOf(sources),
      'package.json': `${JSON.stringify(await manifest(), null, 2)}\n`,
    }
    for (const [path, text] of Object.entries(all)) {
      const file = join(folder, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, text)
    }
    await mkdir(out, { recursive: true })
    // Its last line is the file; without scripts nothing else of the folder runs.
    const said = await must('npm', ['pack', folder, '--pack-destination', out, '--ignore-scripts', '--silent'], {
      npm_config_cache: join(folder, '.npm'),
    })
    return join(out, said.trim().split('\n').at(-1) ?? '')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What npm reads of it. */
async function manifest(): Promise<object> {
  const { name, version, license, engines, repository } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  ) as {
    readonly [key: string]: unknown
  }
  return {
    name,
    version,
    description: 'Access to Kubernetes by task leases: the program of agents and approvers',
    license,
    // With `provenance` the registry holds the repository that built it against this one.
    repository,
    type: 'module',
    engines,
    bin: { leasegate: 'dist/leasegate.cjs' },
    files: ['dist', 'CHANGELOG.md', 'THIRD-PARTY-LICENSES.txt'],
    // A program: nothing of it is to be imported.
    exports: {},
    publishConfig: { provenance: true, access: 'public' },
  }
}

const README = `# leasegate

The program with which agents get a lease on a Kubernetes cluster behind Leasegate, and people answer their questions.
It needs Node.js and the addresses of a broker and a boundary.

    export LEASEGATE_BROKER_URL=https://leasegate-broker.example.com
    export LEASEGATE_BOUNDARY_URL=https://leasegate.example.com
    export LEASEGATE_IDENTITY_TOKEN_FILE=/var/run/secrets/leasegate/token
    leasegate whoami
    leasegate run --template restart-web --reason 'web answers slowly' -- kubectl rollout restart deployment/web -n shop

\`leasegate --help\` names all commands. What it is made of, and under which licences: THIRD-PARTY-LICENSES.txt.
`
