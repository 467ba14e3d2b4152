import type { Environment } from '../../config/read-config.ts'
import { CONTEXT_SETTINGS } from '../../config/roles.ts'
import { SETTINGS } from '../../config/settings.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'

/**
 * The environment, with the chosen context. An environment that names a broker is left alone, as that of a kubeconfig's plugin does, and one
 * that has other settings of a boundary gets none: of two boundaries nothing is ever mixed. Throws a CliError for a context that is not there.
 */
export async function withContext(
  { env }: Pick<Terminal, 'env'>,
  { context: named }: { readonly context?: string } = {},
): Promise<Environment> {
  if (env[SETTINGS.brokerUrl.env] !== undefined) {
    if (named === undefined) return env
    throw new CliError(
      'usage',
      `--context ${named} is not used where ${SETTINGS.brokerUrl.env} names a broker: unset it`,
    )
  }
  // Loaded when it is needed: kubectl waits for every module of its plugin.
  const { CONTEXT_VARIABLES, contextPath, noContext, readContextFile } = await import('./context-file.ts')
  const { context: wanted, configFile } = settings({ env }, CONTEXT_SETTINGS)
  const path = contextPath(configFile, env)
  const file = await readContextFile(path)
  const chosen = named ?? wanted ?? file?.current ?? null
  if (chosen === null) return env
  const context = file?.contexts.get(chosen)
  if (context === undefined) throw noContext(chosen, path, file)
  const beside = CONTEXT_VARIABLES.filter(name => env[name] !== undefined && name !== SETTINGS.tokenCache.env)
  // Of no boundary: what is kept on this machine.
  const { [SETTINGS.tokenCache.env]: kept = context[SETTINGS.tokenCache.env] } = env
  if (beside.length === 0) return { ...env, ...context, ...(kept && { [SETTINGS.tokenCache.env]: kept }) }
  throw new CliError(
    'usage',
    `${beside.join(', ')} would be mixed with context "${chosen}" of ${path}: unset it, or name the broker that it is for (${SETTINGS.brokerUrl.env})`,
  )
}
