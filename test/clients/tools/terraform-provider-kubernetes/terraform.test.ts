import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ran, run } from '../../../../local/process/run.ts'
import { NOT_TRIED } from '../../../../local/testing/count-results.ts'
import type { TestEdition } from '../../../e2e/an-edition.ts'
import { until } from '../../../support/until.ts'
import { aClientsEdition, type ExtraTemplate, unrecorded } from '../../a-clients-edition.ts'
import { administratorsKubeconfig } from '../../matrix/administrator.ts'
import { TERRAFORM } from '../tools.ts'

const WITHIN = 600_000
/** The program itself is in no registry that the tests are built from; its provider is. */
const isHere = await run('terraform', ['version']).then(
  ({ code }) => code === 0,
  () => false,
)

let playing: TestEdition
let provider: string

const objects = {
  verbs: ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'],
  apiGroups: ['', 'apps'],
  resources: ['configmaps', 'services', 'deployments'],
}
/** `kubernetes_manifest` looks for the kind of its object among them, of built-in kinds as well. */
const kinds = {
  scope: 'cluster',
  verbs: ['list'],
  apiGroups: ['apiextensions.k8s.io'],
  resources: ['customresourcedefinitions'],
}
const templates = (app: string): readonly ExtraTemplate[] => [
  { name: 'provision', namespaces: [app], rules: [objects, kinds], maxTtl: '30m' },
  { name: 'provision-typed', namespaces: [app], rules: [objects], maxTtl: '30m' },
]

interface Place {
  readonly terraform: (...args: readonly string[]) => Promise<Ran>
}

/** A folder with its own state. */
async function place(name: string, kubeconfig: string, app: string): Promise<Place> {
  const folder = join(playing.edition.directory, name)
  await mkdir(folder)
  await copyFile(join(import.meta.dirname, 'main.tf'), join(folder, 'main.tf'))
  const settings = join(folder, 'terraform.rc')
  const overrides = `dev_overrides { "hashicorp/kubernetes" = ${JSON.stringify(dirname(provider))} }`
  await writeFile(settings, `provider_installation {\n  ${overrides.replace('{ ', '{\n').replace(' }', '\n  }')}\n}\n`)
  const env = {
    ...{ TF_CLI_CONFIG_FILE: settings, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1', NO_COLOR: '1' },
    ...{ TF_VAR_kubeconfig: kubeconfig, TF_VAR_app: app },
  }
  return { terraform: (...args) => run('terraform', args, { cwd: folder, env }) }
}

/** What it says at the end of each step, and its exit code. */
async function life({ terraform }: Place): Promise<readonly unknown[]> {
  const steps = [
    ['apply', '-auto-approve', '-no-color'],
    ['plan', '-detailed-exitcode', '-no-color'],
    ['apply', '-auto-approve', '-no-color', '-replace=kubernetes_config_map_v1.settings'],
    ['destroy', '-auto-approve', '-no-color'],
  ]
  const seen: unknown[] = []
  for (const step of steps) {
    const { code, stdout, stderr } = await terraform(...step)
    seen.push({ step, code, says: /^(?:Apply|Destroy) complete!.*|^No changes\./m.exec(stdout)?.[0], stderr })
  }
  return seen
}

describe.skipIf(!isHere)(
  `${isHere ? '' : `${NOT_TRIED}no terraform: `}Terraform's provider hashicorp/kubernetes ${TERRAFORM.version}`,
  () => {
    beforeAll(async () => {
      provider = await TERRAFORM.ensure(line => void process.stderr.write(`${line}\n`))
      playing = await aClientsEdition(templates)
    }, 1_200_000)
    afterAll(() => playing?.stop())

    test(
      'makes, reads again, replaces and destroys under a lease as it does directly',
      async () => {
        const { app, foreign } = playing.edition.names
        const direct = await life(await place('direct', await administratorsKubeconfig(playing.edition), foreign))
        expect(direct).toMatchObject([{ code: 0 }, { code: 0 }, { code: 0 }, { code: 0 }])
        const lease = await playing.lease('provision')
        expect(await life(await place('through', playing.stage.kubeconfigFile, app))).toEqual(direct)
        await until('every request', async () => (await unrecorded(playing, [lease])).length === 0)
      },
      WITHIN,
    )

    test(
      'says in the words of the boundary what its manifests want, and what is typed goes on without',
      async () => {
        const { app } = playing.edition.names
        await playing.lease('provision-typed')
        const { terraform } = await place('typed', playing.stage.kubeconfigFile, app)
        const refused = await terraform('apply', '-auto-approve', '-no-color')
        expect(refused.code).toBe(1)
        const text = refused.stderr.replace(/[│╷╵\s]+/g, ' ')
        expect(text).toContain('does not grant list on customresourcedefinitions.apiextensions.k8s.io')
        const typed = ['kubernetes_config_map_v1.settings', 'kubernetes_service_v1.web', 'kubernetes_deployment_v1.web']
        const targets = typed.map(name => `-target=${name}`)
        expect(await terraform('apply', '-auto-approve', '-no-color', ...targets)).toMatchObject({ code: 0 })
        expect(await terraform('destroy', '-auto-approve', '-no-color', ...targets)).toMatchObject({ code: 0 })
      },
      WITHIN,
    )
  },
)
