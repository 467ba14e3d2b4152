import { readReleaseChoices, USAGE } from './release/choices.ts'
import { release } from './release/release.ts'

const choices = readReleaseChoices(process.argv.slice(2))
if ('problems' in choices) {
  process.stderr.write(`${choices.problems.map(problem => `leasegate: ${problem}\n`).join('')}${USAGE}\n`)
  process.exit(2)
}
release(choices, line => process.stdout.write(`${line}\n`)).then(
  ({ image, clientImage, chart }) => process.stdout.write(`${image}\n${clientImage}\n${chart}\n`),
  (error: Error) => {
    process.stderr.write(`leasegate: ${error.message}\n`)
    process.exitCode = 1
  },
)
