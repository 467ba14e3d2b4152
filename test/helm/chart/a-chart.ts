import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { type Ran, run } from '../../../local/process/run.ts'
import { ensureHelm } from '../../../local/toolchain/helm.ts'
import { HELM_3 } from '../../clients/tools/tools.ts'

export const CHART = join(import.meta.dirname, '../../../helm/leasegate')
export const RELEASE = 'lg'
export const NAMESPACE = 'leasegate-system'

const SCENARIOS = join(CHART, 'ci')

/** Values as a user writes them. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads and spoils what it likes in them.
export type Loose = any

/** The scenario files, by their names. */
export async function scenarios(): Promise<readonly { readonly name: string; readonly file: string }[]> {
  const files = (await readdir(SCENARIOS)).filter(name => name.endsWith('-values.yaml'))
  return files.sort().map(name => ({ name: name.slice(0, -'-values.yaml'.length), file: join(SCENARIOS, name) }))
}

export async function valuesOf(scenario: string): Promise<Loose> {
  return parse(await readFile(join(SCENARIOS, `${scenario}-values.yaml`), 'utf8'), { merge: true })
}

/** Of the versions of Helm that people have, the newest of each. */
export type Helm = 3 | 4

/** `helm` with these arguments; values go in as a file does, in the YAML that Helm reads. */
export async function helm(args: readonly string[], values?: object, by: Helm = 4): Promise<Ran> {
  const program = await (by === 4 ? ensureHelm : HELM_3.ensure)(() => undefined)
  return run(program, values === undefined ? args : [...args, '--values', '-'], {
    ...(values === undefined ? {} : { input: stringify(values, { version: '1.1' }) }),
    // Nobody's repositories and plugins.
    env: { HELM_CONFIG_HOME: '/nonexistent', HELM_DATA_HOME: '/nonexistent' },
  })
}

interface Rendering {
  readonly kubeVersion?: string
  readonly more?: readonly string[]
  readonly by?: Helm
}

/** What `helm template` prints. */
export async function render(
  values: object,
  { kubeVersion = '1.36.0', more = [], by = 4 }: Rendering = {},
): Promise<string> {
  const args = ['template', RELEASE, CHART, '--namespace', NAMESPACE, '--kube-version', kubeVersion, ...more]
  const { code, stdout, stderr } = await helm(args, values, by)
  if (code !== 0) throw new Error(stderr)
  return stdout
}

export function objectsIn(text: string): readonly Loose[] {
  return parseAllDocuments(text)
    .map(document => document.toJS())
    .filter(object => object !== null)
}

/** The objects of a scenario, with some values in the place of its own. */
export async function rendered(scenario: string, change: Loose = {}): Promise<readonly Loose[]> {
  return objectsIn(await render({ ...(await valuesOf(scenario)), ...change }))
}

export function named(objects: readonly Loose[], kind: string, name: string): Loose {
  return objects.find(each => each.kind === kind && each.metadata.name === name)
}

export function specOf(workload: Loose): Loose {
  return workload.spec.template.spec
}

/** Variables of its first container, by name. */
export function envOf(workload: Loose): Loose {
  return Object.fromEntries(specOf(workload).containers[0].env.map(({ name, value }: Loose) => [name, value]))
}

/** Each pod of a workload or a job, with its kind and name for messages. */
export function podsIn(objects: readonly Loose[]): readonly { readonly name: string; readonly spec: Loose }[] {
  return objects.flatMap(object => {
    const name = `${object.kind}/${object.metadata.name}`
    if (object.kind === 'Pod') return [{ name, spec: object.spec }]
    return object.spec?.template?.spec === undefined ? [] : [{ name, spec: object.spec.template.spec }]
  })
}

export function containersIn(spec: Loose): readonly Loose[] {
  return [...(spec.initContainers ?? []), ...spec.containers]
}
