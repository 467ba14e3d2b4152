import { readFile, writeFile } from 'node:fs/promises'
import { openapiText } from '../../src/broker/openapi/document.ts'
import { TABLES, withTable } from './tables.ts'

for (const table of TABLES) {
  const file = new URL(`../${table.page}`, import.meta.url)
  await writeFile(file, withTable(await readFile(file, 'utf8'), table))
}

await writeFile(new URL('../openapi.json', import.meta.url), openapiText())
