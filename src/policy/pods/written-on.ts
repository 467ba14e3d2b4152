/** Annotations by which something that watches pods puts Secrets of a vault into them. */
export const VAULTS = [
  'vault.hashicorp.com/',
  'vault.security.banzaicloud.io/',
  'secrets-webhook.security.bank-vaults.io/',
  'conjur.org/',
  'operator.1password.io/',
  'secrets.infisical.com/',
] as const
/** Values of variables in whose place such a one puts a Secret. */
export const IN_A_VAULT =
  /^(?:>>)?(?:vault:|bao:|op:\/\/|gcp:secretmanager:|azure:keyvault:|arn:aws:(?:secretsmanager|ssm):)/

/** Annotations and labels by which a pod is given an identity in a cloud. */
const OF_A_CLOUD: ReadonlySet<string> = new Set([
  'iam.amazonaws.com/role',
  'iam.amazonaws.com/external-id',
  'aadpodidbinding',
  'azure.workload.identity/use',
])
/** An account of Active Directory, as whom a container of Windows acts. */
const OF_A_DIRECTORY: ReadonlySet<string> = new Set(['gmsaCredentialSpecName', 'gmsaCredentialSpec'])

/** Classes of Kubernetes itself, which push out the pods of everybody else. */
const OF_THE_SYSTEM = 'system-'

export interface WrittenOn {
  readonly secrets: boolean
  readonly cloud: boolean
  readonly priority: boolean
}

const NOTHING: WrittenOn = { secrets: false, cloud: false, priority: false }

/** What one field of a pod brings it that no other field of it says. */
export function writtenOn(name: string, value: unknown): WrittenOn {
  if (name === 'annotations' || name === 'labels') return inTexts(value)
  if (name === 'priorityClassName')
    return { ...NOTHING, priority: typeof value !== 'string' || value.startsWith(OF_THE_SYSTEM) }
  if (OF_A_DIRECTORY.has(name)) return { ...NOTHING, cloud: value !== '' }
  return name === 'value' && typeof value === 'string' && IN_A_VAULT.test(value)
    ? { ...NOTHING, secrets: true }
    : NOTHING
}

function inTexts(texts: unknown): WrittenOn {
  if (typeof texts !== 'object' || texts === null) return NOTHING
  const names = Object.entries(texts).flatMap(([name, value]) => (isOff(value) ? [] : [name]))
  return {
    ...NOTHING,
    secrets: names.some(name => VAULTS.some(beginning => name.startsWith(beginning))),
    cloud: names.some(name => OF_A_CLOUD.has(name)),
  }
}

function isOff(value: unknown): boolean {
  return value === null || value === undefined || value === 'false'
}
