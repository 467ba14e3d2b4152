/** So many at once, each of which goes on until there is no more to do or one of them fails: then with that, once all have ended. */
export async function together(atOnce: number, more: () => boolean, one: () => Promise<void>): Promise<void> {
  let hasFailed = false
  const worker = async (): Promise<void> => {
    while (!hasFailed && more()) {
      await one().catch(error => {
        hasFailed = true
        throw error
      })
    }
  }
  await allEnded(Array.from({ length: atOnce }, worker))
}

/** Nothing is under way any more, also where one failed. */
export async function allEnded(running: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(running)).find(each => each.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
