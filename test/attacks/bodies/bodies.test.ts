// What bodies name, and how they are packed, at one boundary.
import './named.ts'
import './packed.ts'
