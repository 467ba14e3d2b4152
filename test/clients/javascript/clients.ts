import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '../matrix/client.ts'

const PACKAGE = join(import.meta.dirname, '../../../node_modules/@kubernetes/client-node/package.json')

export const JAVASCRIPT_CLIENTS: readonly Client[] = [
  {
    id: 'javascript',
    title: 'JavaScript `@kubernetes/client-node`',
    version: (JSON.parse(readFileSync(PACKAGE, 'utf8')) as { readonly version: string }).version,
    often: true,
    needs: [],
    prepare: async () => ({ command: process.execPath, args: [join(import.meta.dirname, 'program/main.ts')] }),
    without: {},
    differs: {},
  },
]
