import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeTools } from '../../toolchain/node-tools.ts'
import type { Toolchain } from '../../toolchain/toolchain.ts'
import type { ImageConfig, Layer } from './buildah.ts'
import { distil } from './distil.ts'
import type { ImageNames } from './names.ts'

/** What an image is made of: the same `from`, by the same code, makes the same image. */
export interface Recipe {
  readonly name: string
  readonly from: readonly string[]
  readonly on?: string
  readonly config: ImageConfig
  /** Writes what the image holds into the folder. */
  readonly fill: (folder: string) => Promise<void>
  readonly layers?: readonly Layer[]
}

export interface Parts {
  readonly toolchain: Toolchain
  readonly tools: NodeTools
  readonly debian: string
  readonly npm: string
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** Images under the names that are asked for, of Debian's files and of the programs that the toolchain has: no registry is asked. */
export function standIns(names: ImageNames, parts: Parts): readonly Recipe[] {
  return [...baseImages(names, parts), ...programs(names, parts)]
}

/** What the Dockerfile stands on, and the image of an agent: with a shell, kubectl and Node.js. */
export function baseImages(names: ImageNames, { debian, npm, toolchain }: Parts): readonly Recipe[] {
  // Of the same version in each checkout, wherever it lies.
  const node = process.execPath
  return [
    {
      name: names.node,
      from: [debian, process.version, npm],
      config: { command: ['node'], env: { PATH, NODE_EXTRA_CA_CERTS: CERTIFICATES } },
      layers: [
        { from: debian, to: '/' },
        { from: npm, to: '/usr/local/lib/node_modules/npm' },
      ],
      fill: async folder => {
        await put(node, folder, 'usr/local/bin/node')
        // This machine may reach npm's registry through somebody whom Debian does not know.
        await put(CERTIFICATES, folder, CERTIFICATES)
        for (const name of ['npm', 'npx']) {
          await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(folder, 'usr/local/bin', name))
        }
      },
    },
    {
      name: names.runtime,
      from: [debian, process.version],
      config: { entrypoint: ['/nodejs/bin/node'], user: '65532', workingDir: '/home/nonroot', env: { PATH } },
      fill: async folder => {
        await distil(debian, folder)
        await put(node, folder, 'nodejs/bin/node')
      },
    },
    {
      name: names.agent,
      on: names.node,
      from: [debian, process.version, toolchain.kubectl],
      config: { command: ['sleep', 'infinity'] },
      fill: async folder => {
        await put(toolchain.kubectl, folder, 'usr/local/bin/kubectl')
        await writeFile(join(folder, 'usr/local/bin/leasegate'), LEASEGATE, { mode: 0o755 })
      },
    },
  ]
}

/** Where an agent's pod has the product's image, as a volume. */
export const PRODUCT_MOUNT = '/opt/product'
const LEASEGATE = `#!/bin/sh
exec node ${PRODUCT_MOUNT}/opt/leasegate/src/main.ts "$@"
`

function programs(names: ImageNames, { debian, toolchain, tools }: Parts): readonly Recipe[] {
  return [
    {
      name: names.envoy,
      from: [debian, toolchain.envoy],
      config: { entrypoint: ['/usr/local/bin/envoy'], user: 'nonroot', env: { PATH } },
      fill: async folder => {
        await distil(debian, folder)
        await put(toolchain.envoy, folder, 'usr/local/bin/envoy')
      },
    },
    {
      name: names.valkey,
      from: [debian, toolchain.valkeyServer],
      config: { command: ['valkey-server'], workingDir: '/data', env: { PATH } },
      fill: async folder => {
        await distil(debian, folder)
        await put(toolchain.valkeyServer, folder, 'usr/local/bin/valkey-server')
        await mkdir(join(folder, 'data'))
      },
    },
    {
      name: names.coredns,
      from: [tools.coredns],
      config: { entrypoint: ['/coredns'] },
      fill: folder => put(tools.coredns, folder, 'coredns'),
    },
    {
      name: names.pause,
      from: [tools.pause],
      config: { entrypoint: ['/pause'], user: '65535:65535' },
      fill: folder => put(tools.pause, folder, 'pause'),
    },
  ]
}

async function put(file: string, folder: string, to: string): Promise<void> {
  const target = join(folder, to)
  await mkdir(join(target, '..'), { recursive: true })
  await copyFile(file, target)
}
