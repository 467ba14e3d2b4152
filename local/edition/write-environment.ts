import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A file to source for somebody's leasegate and kubectl; its path. */
export async function writeEnvironment(
  directory: string,
  who: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const file = join(directory, `${who}.env`)
  const lines = Object.entries({ ...environment, KUBECONFIG: join(directory, `${who}.kubeconfig`) })
  await writeFile(file, lines.map(([name, value]) => `export ${name}='${value}'\n`).join(''), { mode: 0o600 })
  return file
}
