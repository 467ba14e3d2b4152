/**
 * One process at a time has the lock; the others wait, and onWait says so once. One that a dead process left is taken over.
 * Resolves to what gives it back.
 */
export declare function lock(path: string, onWait: () => void): Promise<() => Promise<void>>
