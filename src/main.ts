#!/usr/bin/env node
import { keepCompiled } from './support/compile-cache.ts'

keepCompiled(process.env)
// Only what is loaded from now on is kept.
await import('./cli/main.ts')
