import { copyFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../local/process/run.ts'
import { cached, InstallError, type Report } from '../../local/toolchain/cache.ts'

interface Source {
  readonly module: string
  /** As in a go.sum: a hash over all its files. */
  readonly sum: string
  readonly folder: string
  readonly files: RegExp
}

/** Whose kinds the chart makes where it is told to. */
const SOURCES: readonly Source[] = [
  {
    module: 'github.com/cert-manager/cert-manager@v1.21.2',
    sum: 'h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=',
    folder: 'deploy/crds',
    files: /^cert-manager\.io_(certificates|issuers)\.yaml$/,
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    folder: 'example/prometheus-operator-crd',
    files: /_(podmonitors|prometheusrules|servicemonitors)\.yaml$/,
  },
]

/** A folder of CustomResourceDefinitions, as their makers publish them: for the tests of the chart. */
export function ensureCrds(report: Report): Promise<string> {
  const versions = SOURCES.map(({ module }) => module.split('@')[1]).join('-')
  return cached({
    name: `crds-${versions}`,
    report,
    build: async into => void (await Promise.all(SOURCES.map(source => take(source, into)))),
  })
}

async function take({ module, sum, folder, files }: Source, into: string): Promise<void> {
  const { code, stdout, stderr } = await run('go', ['-C', into, 'mod', 'download', '-json', module])
  if (code !== 0) throw new InstallError(`cannot fetch ${module}: ${stderr}`)
  const { Dir, Sum } = JSON.parse(stdout) as { readonly Dir: string; readonly Sum: string }
  if (Sum !== sum) throw new InstallError(`${module} is not what it was: ${Sum} instead of ${sum}`)
  const names = (await readdir(join(Dir, folder))).filter(name => files.test(name))
  await Promise.all(names.map(name => copyFile(join(Dir, folder, name), join(into, name))))
}
