import { join } from 'node:path'
import { run } from '../../../local/process/run.ts'

const KUBERNETES = join(import.meta.dirname, '../../../local/toolchain/go/kubernetes')

/** The folder of a Go module's sources, of the version that the API server is built with, by its hash in go.sum. */
export async function goModule(path: string): Promise<string> {
  const { code, stdout, stderr } = await run('go', ['-C', KUBERNETES, 'mod', 'download', '-json', path])
  const { Dir } = code === 0 ? (JSON.parse(stdout) as { readonly Dir?: string }) : {}
  if (Dir === undefined) throw new Error(`${path} is not to be had: ${stderr}${stdout}`)
  return Dir
}
