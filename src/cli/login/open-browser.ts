import { spawn } from 'node:child_process'
import type { Environment } from '../../config/read-config.ts'

/** Opens it where there is a browser to be expected; false where not. The address is printed in any case. */
export async function openBrowser(
  url: string,
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  const [program, ...before] = openerOf(platform)
  const isSeen = platform !== 'linux' || [env['DISPLAY'], env['WAYLAND_DISPLAY']].some(Boolean)
  if (program === undefined || !isSeen) return false
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('LEASEGATE_')))
  const child = spawn(program, [...before, url], { env: own, stdio: 'ignore', detached: true })
  const started = await new Promise<boolean>(resolve => {
    child.once('spawn', () => resolve(true)).once('error', () => resolve(false))
  })
  child.unref()
  return started
}

/** No shell is among them: an address is full of what shells obey. */
function openerOf(platform: NodeJS.Platform): readonly string[] {
  if (platform === 'darwin') return ['/usr/bin/open']
  if (platform === 'win32') return ['rundll32.exe', 'url.dll,FileProtocolHandler']
  return ['xdg-open']
}
