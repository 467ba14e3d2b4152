import { oneOf, pathFromHere, serverUrl, text, url } from '../parsers.ts'
import type { Setting } from './setting.ts'

/** What programs on an agent's or a person's machine have. */
export const CLIENT_SETTINGS = {
  brokerUrl: {
    env: 'LEASEGATE_BROKER_URL',
    parse: serverUrl,
    doc: 'The broker, as agents and people reach it.',
  },
  brokerCaFile: {
    env: 'LEASEGATE_BROKER_CA_FILE',
    parse: pathFromHere,
    fallback: null,
    doc: "CA of the broker's certificate; without it the system's are trusted.",
  },
  identityTokenFile: {
    env: 'LEASEGATE_IDENTITY_TOKEN_FILE',
    parse: pathFromHere,
    fallback: null,
    doc: 'Your own identity token (a JWT of an issuer in the policy file); read at each use. Agents that show a client certificate may do without.',
  },
  clientCertFile: {
    env: 'LEASEGATE_CLIENT_CERT_FILE',
    parse: pathFromHere,
    fallback: null,
    doc: 'Your client certificate, with what stands between it and its root: PEM, read at each use. Leases that are asked for with it are bound to it, and kubectl shows it.',
  },
  clientKeyFile: {
    env: 'LEASEGATE_CLIENT_KEY_FILE',
    parse: pathFromHere,
    fallback: null,
    doc: 'Its key: PEM.',
  },
  tokenCache: {
    env: 'LEASEGATE_TOKEN_CACHE',
    parse: oneOf('on', 'off'),
    fallback: 'on',
    doc: 'Whether `leasegate credential` keeps lease tokens for the next command, in a folder of the user alone.',
  },
  boundaryUrl: {
    env: 'LEASEGATE_BOUNDARY_URL',
    parse: url('https:'),
    doc: 'The boundary, as kubectl reaches it; goes into kubeconfigs.',
  },
  boundaryCaFile: {
    env: 'LEASEGATE_BOUNDARY_CA_FILE',
    parse: pathFromHere,
    fallback: null,
    doc: "CA of the boundary's certificate; goes into kubeconfigs.",
  },
  clusterName: {
    env: 'LEASEGATE_CLUSTER_NAME',
    parse: text,
    fallback: 'leasegate',
    doc: 'What the cluster is called in kubeconfigs.',
  },
  loginIssuer: {
    env: 'LEASEGATE_LOGIN_ISSUER',
    parse: serverUrl,
    fallback: null,
    doc: 'OpenID Connect issuer that you log in at (`leasegate login`); without it the broker says which.',
  },
  loginIssuerCaFile: {
    env: 'LEASEGATE_LOGIN_ISSUER_CA_FILE',
    parse: pathFromHere,
    fallback: null,
    doc: "CA of its certificate; without it the system's are trusted.",
  },
  loginClientId: {
    env: 'LEASEGATE_LOGIN_CLIENT_ID',
    parse: text,
    fallback: null,
    doc: 'Client that the program is there: a public one. Goes with the issuer.',
  },
  loginScopes: {
    env: 'LEASEGATE_LOGIN_SCOPES',
    parse: text,
    fallback: null,
    doc: 'Scopes that are asked for; without them those that the broker says, or `openid profile email`.',
  },
  context: {
    env: 'LEASEGATE_CONTEXT',
    parse: text,
    fallback: null,
    doc: 'Which boundary of the file with contexts is meant; without it the one that the file names as current.',
  },
  configFile: {
    env: 'LEASEGATE_CONFIG',
    parse: pathFromHere,
    fallback: null,
    doc: 'File with contexts; without it `~/.config/leasegate/config.yaml`, where there is one.',
  },
} as const satisfies Record<string, Setting<unknown>>
