/** Who works with the store. `operator`: whoever runs the doctor, ends a lease or holds an agent when the broker is down, looks at dead letters. */
export type StorePart = 'authorizer' | 'broker' | 'tap' | 'operator'

/** What all of them need to connect and to know the store. None of it reads or changes the server. */
const COMMON = '+ping +hello +auth +select +info +time +config|get +evalsha +eval +script|load'
const JOURNAL = '~{lg:*}:journal ~{lg:*}:journal:bytes'

/**
 * What each part's user may do and nothing else, for `ACL SETUSER leasegate-PART on >PASSWORD …`. A script runs with the
 * rights of whoever calls it, key by key: the tap sees no lease and no approval, and the authorizer cannot change a contract
 * or take an end back, of a lease or of a subject. It may count epochs, for it notices losses too: one that is taken back begins anew
 * when the next process looks.
 */
export const STORE_RIGHTS: Readonly<Record<StorePart, string>> = {
  authorizer: [
    'resetkeys resetchannels -@all',
    '%R~{lg:*}:lease:* %R~{lg:*}:end:* %R~{lg:*}:ends %R~{lg:*}:stop:* %R~{lg:*}:stops ~{lg:*}:epoch ~{lg:*}:seen ~{lg:*}:seen:* %R~{lg:*}:no:* ~{lg:*}:reads',
    '%R~{lg:*}:cuts %W~{lg:*}:cut:* %R~{lg:*}:watch:*',
    '~{lg:*}:taken:* ~{lg:*}:once:* ~{lg:*}:asked:* ~{lg:*}:asks:* ~{lg:*}:approval:* ~{lg:*}:waits* ~{lg:*}:open',
    '%W~{lg:*}:sent:* ~{lg:*}:unplanned',
    `${JOURNAL} ~{lg:refusals}:* ~{lg:store}:partitions`,
    COMMON,
    '+get +mget +set +del +exists +incr +incrby +decrby +pexpire +pexpireat',
    '+hget +hset +hmget +hexists +hincrby +hlen +hgetall +zadd +zcard +zrange +zrem +zremrangebyscore',
    '+xadd +xlen +xread',
  ].join(' '),
  broker: [
    'resetkeys resetchannels -@all',
    '~{lg:*}:lease:* ~{lg:*}:end:* ~{lg:*}:ends ~{lg:*}:stop:* ~{lg:*}:stops ~{lg:*}:turn ~{lg:*}:epoch ~{lg:*}:seen ~{lg:*}:seen:* %R~{lg:*}:taken:* ~{lg:*}:reads',
    '~{lg:*}:leases ~{lg:*}:listed* ~{lg:*}:held:* ~{lg:*}:under:* ~{lg:*}:kept:* ~{lg:*}:made:*',
    '~{lg:*}:hold:* ~{lg:*}:holds ~{lg:*}:approval:* ~{lg:*}:asked:* ~{lg:*}:no:* ~{lg:*}:waits* ~{lg:*}:open',
    '~{lg:console}:*',
    '~{lg:*}:cuts %R~{lg:*}:cut:* ~{lg:*}:watch:*',
    '~{lg:*}:sent:* ~{lg:*}:asks:* ~{lg:*}:unplanned ~{lg:*}:plan:*',
    `${JOURNAL} ~{lg:refusals}:* ~{lg:store}:partitions`,
    COMMON,
    '+waitaof +multi +exec +get +mget +set +del +exists +incr +incrby +decrby +pexpire +pexpireat +pttl',
    '+hget +hset +hdel +hmget +hexists +hincrby +hlen +hgetall +zadd +zcard +zrange +zrem +zremrangebyscore +xadd +xlen',
  ].join(' '),
  tap: [
    'resetkeys resetchannels -@all',
    `${JOURNAL} ~{lg:*}:dead ~{lg:refusals}:* %R~{lg:store}:partitions`,
    COMMON,
    '+get +del +incrby +decrby +zrange +zrem +hgetall',
    '+xadd +xack +xdel +xlen +xrange +xreadgroup +xgroup|create +xgroup|delconsumer +xpending +xclaim',
  ].join(' '),
  operator: [
    'resetkeys resetchannels -@all',
    '~{lg:*}:lease:* ~{lg:*}:end:* ~{lg:*}:ends ~{lg:*}:stop:* ~{lg:*}:stops ~{lg:*}:turn %R~{lg:*}:epoch %R~{lg:*}:taken:* %R~{lg:*}:asks:* ~{lg:*}:reads',
    '~{lg:*}:leases ~{lg:*}:listed* ~{lg:*}:held:* ~{lg:*}:under:* ~{lg:*}:kept:* ~{lg:*}:hold:* ~{lg:*}:holds',
    `${JOURNAL} ~{lg:*}:dead ~{lg:refusals}:* %R~{lg:store}:partitions`,
    COMMON,
    '+waitaof +multi +exec +get +mget +set +del +exists +incr +incrby +decrby +pexpire +pexpireat',
    '+hget +hset +hmget +hgetall +zadd +zcard +zrange +zrem +zremrangebyscore +xadd +xdel +xlen +xrange',
  ].join(' '),
}

/** What each of them may do beside that where the store runs in Cluster mode. */
export const CLUSTER_RIGHTS = '~{lg:*}:moving +cluster|nodes'

/** The line of each part, for an ACL file or `ACL SETUSER`. */
export function userOfPart(part: StorePart): string {
  return `leasegate-${part}`
}
