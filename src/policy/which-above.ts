import type { Lease } from '../lease/lease.ts'

/** Before what is said of a lease that the one in question was narrowed from; '' of that one itself. */
export function whichAbove({ id }: Pick<Lease, 'id'>, lease: Pick<Lease, 'id'>): string {
  return id === lease.id ? '' : `${id}, which this lease was narrowed from: `
}
