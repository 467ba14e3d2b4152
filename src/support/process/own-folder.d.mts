/**
 * Whether nobody but our user and root can change anything in it: it and all folders above, as far as they are there. Where others may write,
 * as in /tmp, what they cannot rename is ours still. A link among them makes it somebody's; so does Windows, which has no modes.
 */
export declare function isOwnFolder(folder: string): boolean

/** Makes it and two above it, for our user alone, where there is nothing yet; throws where it cannot be. */
export declare function makeFolder(folder: string): void
