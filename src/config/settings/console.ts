import { origin, path, serverUrl, text } from '../parsers.ts'
import { long, type Setting } from './setting.ts'

/** The console, and how people sign in to it. */
export const CONSOLE_SETTINGS = {
  consoleUrl: {
    env: 'LEASEGATE_CONSOLE_URL',
    parse: origin,
    fallback: null,
    doc: 'Where browsers reach the broker, such as https://leasegate.example.com; the console is at /console there. Without it there is none.',
  },
  consoleIssuer: {
    env: 'LEASEGATE_CONSOLE_ISSUER',
    parse: serverUrl,
    fallback: null,
    doc: 'OpenID Connect issuer that people sign in with: that of an issuer in the policy file, whose audience is the client id.',
  },
  consoleIssuerCaFile: {
    env: 'LEASEGATE_CONSOLE_ISSUER_CA_FILE',
    parse: path,
    fallback: null,
    doc: "CA of its certificate; without it the system's are trusted.",
  },
  consoleClientId: {
    env: 'LEASEGATE_CONSOLE_CLIENT_ID',
    parse: text,
    fallback: 'leasegate',
    doc: 'Client that the console is there; its redirect URI is /console/signed-in under the URL of the console.',
  },
  consoleClientSecretFile: {
    env: 'LEASEGATE_CONSOLE_CLIENT_SECRET_FILE',
    parse: path,
    fallback: null,
    doc: 'Its secret, read when the issuer is first asked. Without it the client is a public one, with PKCE alone.',
  },
  consoleScopes: {
    env: 'LEASEGATE_CONSOLE_SCOPES',
    parse: text,
    fallback: 'openid profile email',
    doc: 'Scopes that are asked for; the claims by which the policy file knows people must come with them.',
  },
  consoleSession: {
    env: 'LEASEGATE_CONSOLE_SESSION',
    parse: long,
    fallback: '8h',
    doc: 'How long somebody stays signed in.',
  },
  consoleIdle: {
    env: 'LEASEGATE_CONSOLE_IDLE',
    parse: long,
    fallback: '1h',
    doc: 'The same without any page asked for.',
  },
} as const satisfies Record<string, Setting<unknown>>
