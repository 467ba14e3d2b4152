import { JAVA_CLIENTS } from '../java/clients.ts'
import { JAVASCRIPT_CLIENTS } from '../javascript/clients.ts'
import { PYTHON_CLIENTS } from '../python/clients.ts'
import type { Client } from './client.ts'

export const CLIENTS: readonly Client[] = [...PYTHON_CLIENTS, ...JAVASCRIPT_CLIENTS, ...JAVA_CLIENTS]
