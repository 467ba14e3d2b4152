import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packagesIn } from './licences.ts'

interface Component {
  readonly type: 'platform' | 'library'
  readonly name: string
  readonly version: string
  readonly purl: string
}

/** CycloneDX: Node.js, and the packages that these files are of, also those that others have compiled into theirs. No time and no random id. */
export async function sbomOf(version: string, node: string, sources: readonly string[]): Promise<object> {
  const { folders, within } = await packagesIn(sources)
  const installed = await Promise.all(folders.map(nameIn))
  const compiled = within.map(each => each.split(/@(?=[^@]*$)/) as [name: string, version: string])
  const [, nodeVersion] = await nameIn(node)
  const components: readonly Component[] = [
    { type: 'platform', name: 'node', version: nodeVersion, purl: `pkg:generic/node@${nodeVersion}` },
    ...[...installed, ...compiled].map(library).toSorted((a, b) => (a.purl < b.purl ? -1 : 1)),
  ]
  const purl = `pkg:npm/leasegate@${version}`
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': purl, name: 'leasegate', version, purl } },
    components: components.map(component => ({ 'bom-ref': component.purl, ...component })),
  }
}

async function nameIn(folder: string): Promise<readonly [name: string, version: string]> {
  const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly version: string
  }
  return [name, version]
}

function library([name, version]: readonly [name: string, version: string]): Component {
  return { type: 'library', name, version, purl: `pkg:npm/${name.replace('@', '%40')}@${version}` }
}
