package io.logroute.remote;

import redis.clients.jedis.Protocol;
import redis.clients.jedis.commands.ProtocolCommand;

/// What is asked of Redis, and no more: the list of what a user of ours needs to be allowed (ACL).
public enum RedisCommand {
    BLMOVE(Protocol.Command.BLMOVE),
    CLUSTER(Protocol.Command.CLUSTER),
    EXEC(Protocol.Command.EXEC),
    EXISTS(Protocol.Command.EXISTS),
    GET(Protocol.Command.GET),
    INCRBY(Protocol.Command.INCRBY),
    INFO(Protocol.Command.INFO),
    LLEN(Protocol.Command.LLEN),
    LMOVE(Protocol.Command.LMOVE),
    LRANGE(Protocol.Command.LRANGE),
    LREM(Protocol.Command.LREM),
    MULTI(Protocol.Command.MULTI),
    PEXPIRE(Protocol.Command.PEXPIRE),
    PING(Protocol.Command.PING),
    ROLE(Protocol.Command.ROLE),
    RPUSH(Protocol.Command.RPUSH),
    SADD(Protocol.Command.SADD),
    SENTINEL(Protocol.Command.SENTINEL),
    SET(Protocol.Command.SET),
    SMEMBERS(Protocol.Command.SMEMBERS),
    SREM(Protocol.Command.SREM),
    XACK(Protocol.Command.XACK),
    XADD(Protocol.Command.XADD),
    XCLAIM(Protocol.Command.XCLAIM),
    XGROUP(Protocol.Command.XGROUP),
    XINFO(Protocol.Command.XINFO),
    XLEN(Protocol.Command.XLEN),
    XPENDING(Protocol.Command.XPENDING),
    XRANGE(Protocol.Command.XRANGE),
    XREADGROUP(Protocol.Command.XREADGROUP),
    XTRIM(Protocol.Command.XTRIM),
    ZADD(Protocol.Command.ZADD),
    ZRANGE(Protocol.Command.ZRANGE),
    ZREMRANGEBYRANK(Protocol.Command.ZREMRANGEBYRANK);

    private final ProtocolCommand raw;

    RedisCommand(ProtocolCommand raw) {
        this.raw = raw;
    }

    ProtocolCommand raw() {
        return raw;
    }
}
