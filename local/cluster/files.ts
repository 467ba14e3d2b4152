import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { CertificateFiles } from '../pki.ts'

/** What the API server writes down of every request: who, as whom, what, with which result. No bodies. */
export async function writeAuditPolicy(directory: string): Promise<string> {
  const file = join(directory, 'audit-policy.yaml')
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      // The cluster's own programs are noise; they are members of system:masters here.
      { level: 'None', userGroups: ['system:masters'], verbs: ['get', 'list', 'watch', 'update', 'patch'] },
      { level: 'Metadata' },
    ],
  }
  await writeFile(file, stringify(policy))
  return file
}

/** The key that service account tokens are signed with, PEM. */
export async function writeServiceAccountKey(directory: string): Promise<string> {
  const file = join(directory, 'service-accounts.key')
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  await writeFile(file, privateKey, { mode: 0o600 })
  return file
}

interface Access {
  readonly server: string
  readonly caFile: string
  readonly user: { readonly certificate: CertificateFiles } | { readonly token: string }
}

export async function writeKubeconfig(file: string, { server, caFile, user }: Access): Promise<string> {
  const credentials =
    'token' in user
      ? { token: user.token }
      : { 'client-certificate': user.certificate.certificateFile, 'client-key': user.certificate.keyFile }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'user', user: credentials }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'user' } }],
    'current-context': 'local',
  }
  await writeFile(file, stringify(config), { mode: 0o600 })
  return file
}
