import type { Client } from './client.ts'

/** Names of clients with commas between, by how they begin; an empty one is all of them. */
export const CHOSEN_CLIENTS = 'CLIENTS_CHOSEN'

/** Without a choice those are that are tried in every test run. */
export function isChosen({ id, often }: Pick<Client, 'id' | 'often'>, names = process.env[CHOSEN_CLIENTS]): boolean {
  return names === undefined ? often : names.split(',').some(name => id.startsWith(name))
}
