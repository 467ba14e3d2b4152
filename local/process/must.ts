import { run } from './run.ts'

/** What a command said, where nothing but success will do. */
export async function must(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, { env, ...(cwd === undefined ? {} : { cwd }) })
  if (code !== 0) throw new Error(`${command} ${args[0]}: ${stderr.trim() || `exit code ${code}`}`)
  // Some say on the other one what they did.
  return stdout + stderr
}
