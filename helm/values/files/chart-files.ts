import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { VALUES } from '../values.ts'
import { admissionFile } from './admission-file.ts'
import { plannerFile } from './planner-file.ts'
import { toSchema, toTable, toValuesYaml } from './render.ts'

const CHART = new URL('../../leasegate/', import.meta.url)

interface ChartFile {
  readonly file: URL
  /** The new text; of the old one, what people wrote is kept. */
  readonly make: (before: string) => string | Promise<string>
}

/** Where dashboards are written; a chart can read nothing outside of itself. */
const DASHBOARDS_AT = new URL('../../../src/record/dashboards/', import.meta.url)

const BEGIN = '<!-- values -->'
const END = '<!-- /values -->'

/** What is in the chart but made, not written. */
export const chartFiles: readonly ChartFile[] = [
  { file: new URL('values.yaml', CHART), make: () => toValuesYaml(VALUES) },
  { file: new URL('values.schema.json', CHART), make: () => toSchema(VALUES) },
  { file: new URL('README.md', CHART), make: readme => between(readme, toTable(VALUES)) },
  { file: new URL('files/admission/policies.yaml', CHART), make: admissionFile },
  { file: new URL('files/planner/rules.yaml', CHART), make: plannerFile },
  ...readdirSync(DASHBOARDS_AT).map(name => ({
    file: new URL(`dashboards/${name}`, CHART),
    make: () => readFile(new URL(name, DASHBOARDS_AT), 'utf8'),
  })),
]

function between(text: string, table: string): string {
  const [before, after] = [text.split(BEGIN, 1)[0] ?? '', text.split(END)[1] ?? '']
  return `${before}${BEGIN}\n${table}\n${END}${after}`
}
