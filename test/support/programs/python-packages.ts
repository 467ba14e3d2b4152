import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../../local/process/run.ts'
import { cached, type Report } from '../../../local/toolchain/cache.ts'
import { logged } from '../../../local/toolchain/logged.ts'

export interface PythonPackages {
  /** Interpreter; programs are run as its modules, since their scripts name the folder that they were installed into. */
  readonly python: string
  /** What pip would fetch. */
  readonly wheels: string
}

/** An environment that has what is pinned, each file checked by its hash. */
export async function pythonPackages(name: string, requirements: string, report: Report): Promise<PythonPackages> {
  const pinned = readFileSync(requirements, 'utf8')
  const hash = createHash('sha256').update(`${pinned}wheels`).digest('hex').slice(0, 12)
  const folder = await cached({
    name: `${name}-${hash}`,
    report,
    build: async (into, logFile) => {
      const wheels = join(into, 'wheels')
      const pip = ['-m', 'pip', '--disable-pip-version-check']
      const fetch = ['download', '--no-deps', '--only-binary=:all:', '--require-hashes', '--dest', wheels]
      await logged('python3', [...pip, ...fetch, '-r', requirements], { logFile })
      await logged('python3', ['-m', 'venv', '--copies', into], { logFile })
      const install = ['install', '--no-deps', '--no-index', '--find-links', wheels, '-r', requirements]
      await logged(join(into, 'bin/python'), [...pip, ...install], { logFile, env: { PIP_USER: '0' } })
    },
  })
  return { python: join(folder, 'bin/python'), wheels: join(folder, 'wheels') }
}

/** What is missing on this machine to have packages that want this version; null: nothing. */
export async function lackingPython(minor: number): Promise<string | null> {
  const check = `import sys; sys.exit(sys.version_info < (3, ${minor}))`
  const isThere = await run('python3', ['-c', check]).then(
    ({ code }) => code === 0,
    () => false,
  )
  return isThere ? null : `no python3 of version 3.${minor} or later`
}
