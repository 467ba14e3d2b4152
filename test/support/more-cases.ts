/** Set where all cases are tried: `npm run test:long`. */
export const ALL_CASES = 'TEST_ALL_CASES'

/** How many cases of one kind are tried: a few in every run, all of them in the long tests, which find the files that ask this by themselves. */
export function cases(few: number, all: number): number {
  return process.env[ALL_CASES] === undefined ? few : all
}
