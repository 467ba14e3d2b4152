/**
 * Kinds of others say what Kubernetes' own fields say in names of their own: `envSecretKeyRefs`, `runnerServiceAccountName`, `imageName`.
 * By what a name ends in they are told; names of Kubernetes' own kinds are all known, and compared whole.
 */

const ACCOUNT = /serviceAccount(?:Name|Ref)?$/i
const SECRET = /secrets?(?:Name|Ref|KeyRef|Key)?s?$/i
const IMAGE = /image(?:Name)?$/i
/** What only who runs something has. */
const RUNS = /^(?:container|sidecars?|pod(?:Template)?Spec|podTemplate|virtualMachine)$/i
/** A piece of a pod as a text: JSON or YAML. */
const WRITTEN_OUT = /^pod(?:Template)?(?:Spec)?(?:Patch|Spec|Template|Overrides?)$/i

export function isAccountName(field: string): boolean {
  return ACCOUNT.test(field)
}

export function isSecretName(field: string): boolean {
  return SECRET.test(field)
}

export function isImageName(field: string): boolean {
  return IMAGE.test(field)
}

/** Whether the field tells that something runs, by whatever the kind is called. */
export function tellsOfPods(field: string, value: unknown): boolean {
  return (RUNS.test(field) || isImageName(field)) && typeof value !== 'boolean' && value !== ''
}

export function isPodInText(field: string, value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && WRITTEN_OUT.test(field)
}
