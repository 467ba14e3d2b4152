import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '../../../local/toolchain/cache.ts'
import { goTools } from '../../../local/toolchain/go-tools.ts'
import { npmModules } from '../mcp/mcp-server.ts'
import { ANSIBLE_VERSION, ensureAnsible } from './ansible/ansible.ts'

/**
 * What people and agents use beside kubectl: minutes of building or installing, so that `npm test` leaves it out, but for Helm 3 by
 * which it renders the chart as well.
 */
export interface Tool {
  /** Also its folder, with what pins it and the tests of it. */
  readonly id: string
  /** As people know it. */
  readonly title: string
  readonly version: string
  readonly ensure: (report: Report) => Promise<string>
}

interface Module {
  readonly id: string
  readonly title: string
  /** The program's package, and where it keeps its version. */
  readonly path: string
  readonly module: string
  readonly stamp: string
}

function tool({ id, title, path, module, stamp }: Module): Tool {
  const folder = join(import.meta.dirname, id)
  const required = readFileSync(join(folder, 'go.mod'), 'utf8')
  const version = new RegExp(`^\\s${module} v(\\S+)`, 'm').exec(required)?.[1] ?? ''
  return {
    id,
    title,
    version,
    ensure: async report => {
      const stamps = { [stamp]: `v${version}` }
      const built = await goTools({
        name: `${id}-${version}`,
        module: folder,
        programs: { [id]: path },
        stamps,
        report,
      })
      return join(built, id)
    },
  }
}

export const HELM_3 = tool({
  id: 'helm-3',
  title: 'helm',
  path: 'helm.sh/helm/v3/cmd/helm',
  module: 'helm.sh/helm/v3',
  stamp: 'helm.sh/helm/v3/internal/version.version',
})

export const STERN = tool({
  id: 'stern',
  title: 'stern',
  path: 'github.com/stern/stern',
  module: 'github.com/stern/stern',
  stamp: 'github.com/stern/stern/cmd.version',
})

export const K9S = tool({
  id: 'k9s',
  title: 'k9s',
  path: 'github.com/derailed/k9s',
  module: 'github.com/derailed/k9s',
  stamp: 'github.com/derailed/k9s/cmd.version',
})

/** Its provider: Terraform itself is no module that could be built here. */
export const TERRAFORM = tool({
  id: 'terraform-provider-kubernetes',
  title: 'terraform-provider-kubernetes',
  path: 'github.com/hashicorp/terraform-provider-kubernetes',
  module: 'github.com/hashicorp/terraform-provider-kubernetes',
  stamp: 'main.Version',
})

const MCP_SERVER = 'mcp-server-kubernetes'
const MCP_FOLDER = join(import.meta.dirname, MCP_SERVER, 'server')
const manifest = JSON.parse(readFileSync(join(MCP_FOLDER, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
}

/** It runs kubectl for each of its tools. */
export const KUBECTL_MCP_SERVER: Tool = {
  id: MCP_SERVER,
  title: MCP_SERVER,
  version: manifest.dependencies[MCP_SERVER] ?? '',
  ensure: async report => join(await npmModules(MCP_SERVER, MCP_FOLDER, report), MCP_SERVER, 'dist/index.js'),
}

/** Its interpreter; with the collection kubernetes.core. */
export const ANSIBLE: Tool = {
  id: 'ansible',
  title: 'ansible-core',
  version: ANSIBLE_VERSION,
  ensure: async report => (await ensureAnsible(report)).python,
}

export const TOOLS: readonly Tool[] = [HELM_3, STERN, K9S, KUBECTL_MCP_SERVER, ANSIBLE, TERRAFORM]
