import { CONTEXT_SETTINGS, LOGIN_SETTINGS } from '../../config/roles.ts'
import { SETTINGS } from '../../config/settings.ts'

const ASKED = [...LOGIN_SETTINGS, 'boundaryUrl', 'boundaryCaFile', ...CONTEXT_SETTINGS] as const

/** As every client of Kubernetes reads it. */
const PROXY = `HTTPS_PROXY, NO_PROXY
    The proxy on the way to the broker, as kubectl reads it. \`leasegate verify\` and \`doctor\` go without it.
`

/** What agents and people may set, each with what it is. */
export function environment(): string {
  const settings = ASKED.map(key => `${SETTINGS[key].env}\n    ${SETTINGS[key].doc}\n`)
  return `Read from the environment, or from a context (leasegate contexts); the environment goes before.\n\n${[...settings, PROXY].join('')}`
}
