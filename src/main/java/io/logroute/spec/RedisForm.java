package io.logroute.spec;

/// How events lie in Redis.
public enum RedisForm {
    @Doc(
            "A stream: several readers may each get all of it, an entry may hold many events, and what was taken is trimmed.")
    STREAM,
    @Doc("A list, as Logstash and Beats know it: each element is one event, and whoever takes it has it.")
    LIST
}
