import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Names } from '../names.ts'
import type { People } from '../people.ts'
import { startIdentityProvider } from './identity-provider.ts'

/** What the broker is told of it. */
export interface ConsoleHere {
  readonly url: string
  readonly issuer: string
  readonly clientSecretFile: string
}

export interface SignInHere extends ConsoleHere {
  /** Of everybody, new with each start. */
  readonly password: string
}

interface Options {
  readonly directory: string
  readonly names: Names
  readonly people: People
  readonly brokerPort: number
  readonly signInPort: number
}

/** An identity provider in this process, and the console's place in it. */
export async function openSignIn({ directory, names, people, brokerPort, signInPort }: Options): Promise<SignInHere> {
  const [clientSecret, password] = [randomBytes(32).toString('base64url'), randomBytes(6).toString('hex')]
  const clientSecretFile = join(directory, 'console-client-secret')
  await writeFile(clientSecretFile, clientSecret, { mode: 0o600 })
  const url = `https://127.0.0.1:${brokerPort}`
  const { issuer } = await startIdentityProvider({
    port: signInPort,
    key: people.key,
    clientSecret,
    redirectUri: `${url}/console/signed-in`,
    people: [names.approver, names.admin],
    password,
  })
  return { url, issuer, clientSecretFile, password }
}
