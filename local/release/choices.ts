import { parseArgs } from 'node:util'

export const USAGE = `npm run release -- REGISTRY [options]
  REGISTRY               where images and the chart go, such as 127.0.0.1:5000/leasegate; needs root
  --elsewhere            the registry is not on this machine: what is pushed there is public or private as it is set up
  --platform PLATFORM    of the image; again for each (linux/amd64 and linux/arm64)
  --node-image NAME      what it is built with, by its digest (…@sha256:…)
  --runtime-image NAME   what it runs on, by its digest
  --client-runtime-image NAME  what the program of agents and approvers runs on, by its digest
  --stand-ins            instead of them: images that this machine makes of Debian's packages, to try it
  --key FILE             cosign's private key; its password in COSIGN_PASSWORD
  --out FOLDER           where list of packages, chart and a list of what was pushed are put (dist)`

export interface ReleaseChoices {
  /** Host, port and path, without a scheme. */
  readonly registry: string
  readonly isHere: boolean
  readonly platforms: readonly string[]
  /** Null: stand-ins of this machine's. */
  readonly bases: { readonly node: string; readonly runtime: string; readonly clientRuntime: string } | null
  readonly key: string
  readonly out: string
}

const OPTIONS = {
  elsewhere: { type: 'boolean', default: false },
  platform: { type: 'string', multiple: true },
  'node-image': { type: 'string', default: '' },
  'runtime-image': { type: 'string', default: '' },
  'client-runtime-image': { type: 'string', default: '' },
  'stand-ins': { type: 'boolean', default: false },
  key: { type: 'string', default: '' },
  out: { type: 'string', default: 'dist' },
} as const

/** Of Node.js on Debian, and of the engine the first one alone. */
const PLATFORMS: readonly string[] = ['linux/amd64', 'linux/arm64']
const BY_DIGEST = /^\S+@sha256:[0-9a-f]{64}$/
/** As in a reference: no scheme, no tag. */
const REGISTRY = /^(?:localhost|\[[0-9a-f:]+\]|[\w.-]+)(?::\d+)?(?:\/[\w.-]+)*$/i
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?=[:/]|$)/

/** All that is wrong with them at once. */
export function readReleaseChoices(args: readonly string[]): ReleaseChoices | { readonly problems: readonly string[] } {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  const [registry = '', ...more] = positionals
  const { platform: platforms = PLATFORMS } = values
  const isHere = LOOPBACK.test(registry)
  const given = [values['node-image'], values['runtime-image'], values['client-runtime-image']] as const
  const problems = [
    ...(registry === '' || more.length > 0 ? ['say one registry'] : []),
    ...(registry === '' || REGISTRY.test(registry)
      ? []
      : [`${registry} is no registry: host, port and path, without a scheme`]),
    ...(isHere || values.elsewhere ? [] : ['nothing leaves this machine without --elsewhere']),
    ...(platforms.every(platform => PLATFORMS.includes(platform)) ? [] : ['platforms are linux/amd64 and linux/arm64']),
    ...(values['stand-ins'] || given.every(name => BY_DIGEST.test(name))
      ? []
      : ['name --node-image, --runtime-image and --client-runtime-image, each by its digest: a tag can be moved']),
    ...(values['stand-ins'] && given.some(name => name !== '') ? ['stand-ins are instead of images'] : []),
    ...(values['stand-ins'] && !isHere ? ['stand-ins are for trying it, and stay on this machine'] : []),
    ...(values.key === '' ? ['say with which --key it is signed: cosign generate-key-pair makes one'] : []),
  ]
  if (problems.length > 0) return { problems }
  const [node, runtime, clientRuntime] = given
  const bases = values['stand-ins'] ? null : { node, runtime, clientRuntime }
  return { registry, isHere, platforms, bases, key: values.key, out: values.out }
}
