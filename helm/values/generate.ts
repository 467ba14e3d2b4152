import { readFile, writeFile } from 'node:fs/promises'
import { chartFiles } from './files/chart-files.ts'

/** `npm run chart`: writes what is made from the values and from Envoy's configuration. */
for (const { file, make } of chartFiles) {
  const before = await readFile(file, 'utf8').catch(() => '')
  const after = await make(before)
  if (after !== before) await writeFile(file, after)
  process.stdout.write(`${after === before ? 'unchanged' : 'written'} ${file.pathname}\n`)
}
