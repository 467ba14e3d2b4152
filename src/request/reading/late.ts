const MAKES = Symbol('makes')

type Makes = Record<string, () => unknown>
type Late = Readonly<Record<typeof MAKES, Makes>>

/** By name of a member. The same for all objects, as `get` in an object literal is not: each such object has a hidden class of its own, which the heap keeps for long. */
const known = new Map<string, PropertyDescriptor>()

/** The object with members that are made when they are first asked for; a copy of it has all of them. */
export function withLate<T extends object, L extends object>(given: T, makes: { [K in keyof L]: () => L[K] }): T & L {
  Object.defineProperty(given, MAKES, { value: makes })
  for (const name of Object.keys(makes)) Object.defineProperty(given, name, descriptorOf(name))
  return given as T & L
}

function descriptorOf(name: string): PropertyDescriptor {
  const before = known.get(name)
  if (before !== undefined) return before
  const made = {
    enumerable: true,
    get(this: Late) {
      const makes = this[MAKES]
      const value = makes[name]?.()
      makes[name] = () => value
      return value
    },
  }
  known.set(name, made)
  return made
}
