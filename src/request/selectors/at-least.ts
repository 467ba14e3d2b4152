import { parseFieldSelector } from './field-selector.ts'
import { implies, labelRequirements } from './label-requirements.ts'

/** Longer than anybody's; each is read again for each rule that it is compared with, and others wait for that. */
const LONGEST = 4096

/** Whether a label selector asks for all that the other one does, or for more. What cannot be read asks for nothing. */
export function isLabelSelectorWithin(given: string, wanted: string): boolean {
  if (given.length > LONGEST) return false
  const [asked, least] = [labelRequirements(given), labelRequirements(wanted)]
  if (asked === null || least === null) return false
  return least.every(one => asked.some(each => implies(each, one)))
}

/** The same of field selectors: each term of the one is among those of the other. */
export function isFieldSelectorWithin(given: string, wanted: string): boolean {
  if (given.length > LONGEST) return false
  const [asked, least] = [parseFieldSelector(given), parseFieldSelector(wanted)]
  if (asked === null || least === null) return false
  return least.every(({ field, equal, value }) =>
    asked.some(each => each.field === field && each.equal === equal && each.value === value),
  )
}
