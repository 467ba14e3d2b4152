import { Option } from 'commander'

/** As LEASEGATE_CONTEXT: which one is meant is looked at before a command begins. */
export function contextOption(): Option {
  return new Option('--context <name>', 'of the file with contexts (default: LEASEGATE_CONTEXT, or the current one)')
}
