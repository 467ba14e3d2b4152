import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached, type Report } from '../../../local/toolchain/cache.ts'
import { logged } from '../../../local/toolchain/logged.ts'

const FOLDER = join(import.meta.dirname, 'python')
const REQUIREMENTS = join(FOLDER, 'requirements.txt')

/** The program of `python` in this folder. */
export const BY_MODEL = join(FOLDER, 'by_model.py')

/** An interpreter that has the official Python SDK of MCP (PyPI `mcp`, Python 3.11 or later), pinned by hashes. */
export async function pythonWithMcp(report: Report): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12)
  const folder = await cached({
    name: `python-mcp-${hash}`,
    report,
    build: async (into, logFile) => {
      await logged('python3', ['-m', 'venv', '--copies', into], { logFile })
      const pip = ['-m', 'pip', '--disable-pip-version-check', 'install', '--no-deps', '--only-binary=:all:']
      await logged(join(into, 'bin/python'), [...pip, '--require-hashes', '-r', REQUIREMENTS], {
        logFile,
        env: { PIP_USER: '0' },
      })
    },
  })
  return join(folder, 'bin/python')
}
