/**
 * What the store's user may do and nothing else, for `ACL SETUSER leasegate on >PASSWORD …`: its own keys, the commands that our code
 * and scripts use, and none that reads or changes the server.
 */
export const STORE_RIGHTS = [
  'resetkeys ~{lg:* resetchannels -@all',
  '+ping +hello +auth +select +info +time +config|get +waitaof',
  '+eval +evalsha +script|load',
  '+get +set +del +exists +pexpire +pexpireat',
  '+hget +hset +hmget +hgetall +hexists +hincrby +hlen',
  '+sadd +smembers',
  '+zadd +zrange +zrem +zremrangebyscore',
  '+xadd +xack +xdel +xlen +xrange +xrevrange +xread +xreadgroup +xgroup|create +xgroup|delconsumer +xpending +xclaim',
].join(' ')
