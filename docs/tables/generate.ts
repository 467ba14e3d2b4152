import { readFile, writeFile } from 'node:fs/promises'
import { TABLES, withTable } from './tables.ts'

for (const table of TABLES) {
  const file = new URL(`../${table.page}`, import.meta.url)
  await writeFile(file, withTable(await readFile(file, 'utf8'), table))
}
