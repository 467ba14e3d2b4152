import { Option } from 'commander'
import { RESULT_FORMATS } from '../../../record/queries/format-result.ts'

export function formatOption(): Option {
  return new Option('-o, --output <format>', 'how to print it').choices(RESULT_FORMATS).default('table')
}
