import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority, issue, type KeyPair } from '../../src/certificates/certificate.ts'

export interface Mounted {
  readonly files: { readonly certFile: string; readonly keyFile: string; readonly clientCaFile: string }
  /** All files at once, as a kubelet does it: a link is swapped. */
  readonly put: (values: Readonly<Record<string, string>>) => Promise<void>
  readonly remove: () => Promise<void>
}

/** A Secret of type kubernetes.io/tls, as it lies in a pod. */
export async function mounted(values: Readonly<Record<string, string>>): Promise<Mounted> {
  const folder = await mkdtemp(join(tmpdir(), 'lg-tls-'))
  let version = 0
  const put = async (next: Readonly<Record<string, string>>) => {
    const data = join(folder, `..${version++}`)
    await mkdir(data)
    for (const [name, text] of Object.entries(next)) await writeFile(join(data, name), text)
    await symlink(data, join(folder, '..data_tmp'))
    await rename(join(folder, '..data_tmp'), join(folder, '..data'))
  }
  await put(values)
  const at = (name: string) => join(folder, '..data', name)
  return {
    files: { certFile: at('tls.crt'), keyFile: at('tls.key'), clientCaFile: at('ca.crt') },
    put,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

export const anAuthority = (): Promise<KeyPair> => createAuthority('test', 1)

/** What is in the Secret of a server or of a client with these names. */
export async function held(authority: KeyPair, names: readonly string[], usage: 'client' | 'server') {
  const pair = await issue(authority, { commonName: 'someone', names, usages: [usage], days: 1 })
  return { 'tls.crt': pair.certificate, 'tls.key': pair.key, 'ca.crt': authority.certificate }
}
