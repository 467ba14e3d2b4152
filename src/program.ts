// What an image starts, made of `main.ts`, in a few files.
import { nameSourceLines } from './support/process/source-lines.ts'

nameSourceLines()
void import('./main.ts')
