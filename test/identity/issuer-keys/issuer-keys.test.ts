// The keys of an issuer that serves them itself.
import './by-url.ts'
import './odd-keys.ts'
import './new-keys.ts'
