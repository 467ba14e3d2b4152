import { type Lease, timesNarrowed } from '../../lease/lease.ts'

/** Before what is said of a lease that the one in question was narrowed from; '' of that one itself. */
export function whichAbove({ id }: Pick<Lease, 'id'>, lease: Pick<Lease, 'id'>): string {
  return id === lease.id ? '' : `${id}, which this lease was narrowed from: `
}

/** Those above a lease that were made narrower: what was made of them before may reach further than they do now. */
export function narrowedAbove(above: readonly (Lease | null)[]): readonly Lease[] {
  return above.flatMap(one => (one !== null && timesNarrowed(one) > 0 ? [one] : []))
}
