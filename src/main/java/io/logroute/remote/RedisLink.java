package io.logroute.remote;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/// One connection to one server of Redis: commands go out, answers come in, in their order. Many may be on their
/// way at once. Used by one thread at a time; [#close] by any.
///
/// An answer is `byte[]`, `Long`, a `List` of answers, `null`, or a [RedisRefused]. After an
/// `IOException` that is none of those the connection is of no use any more, and what became of the commands
/// that had no answer yet is not known.
public final class RedisLink implements AutoCloseable {
    /// Bytes without an answer that a server may not take for as long as it likes.
    private static final int LARGE = 16 << 10;

    /// How long it may take to get them there and an answer back.
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Connection connection;
    private final String server;
    private long unanswered;
    private volatile @Nullable Thread watching;

    RedisLink(Connection connection, String server) {
        this.connection = connection;
        this.server = server;
    }

    /// `host:port`.
    public String server() {
        return server;
    }

    /// Puts a command on its way; [#answers] waits for what comes of it.
    public void send(RedisCommand command, byte[]... arguments) throws IOException {
        for (var argument : arguments) {
            unanswered += argument.length;
        }
        if (unanswered > LARGE && watching == null) {
            watching = Thread.ofVirtual().name("watch-redis").start(this::watch);
        }
        try {
            connection.sendCommand(command.raw(), arguments);
        } catch (JedisException e) {
            throw lost(e);
        }
    }

    /// An answer is waited for with a limit, and what is sent is not: a server that hangs takes nothing, and breaks
    /// nothing off, for as long as it hangs.
    private void watch() {
        try {
            Thread.sleep(LONGEST);
            close();
        } catch (InterruptedException e) {
            // It went through.
        }
    }

    private void answered() {
        unanswered = 0;
        var thread = watching;
        if (thread != null) {
            thread.interrupt();
            watching = null;
        }
    }

    /// The answers to the next `count` commands that have none yet; a refusal stands in the list.
    public List<@Nullable Object> answers(int count) throws IOException {
        try {
            var answers = new ArrayList<@Nullable Object>(count);
            for (var answer : connection.getMany(count)) {
                answers.add(answer instanceof JedisDataException e ? refused(e) : answer);
            }
            answered();
            return answers;
        } catch (JedisException e) {
            throw lost(e);
        }
    }

    /// One command and its answer. No other may be on its way.
    ///
    /// @throws RedisRefused when the answer is one
    public @Nullable Object ask(RedisCommand command, byte[]... arguments) throws IOException {
        send(command, arguments);
        try {
            var answer = connection.getOne();
            answered();
            return answer;
        } catch (JedisDataException e) {
            answered();
            throw refused(e);
        } catch (JedisException e) {
            throw lost(e);
        }
    }

    /// The refusal that stands inside another answer; `null` when it is none.
    public static @Nullable RedisRefused refusal(@Nullable Object inside) {
        return inside instanceof JedisDataException e ? refused(e) : null;
    }

    static RedisRefused refused(JedisDataException e) {
        return new RedisRefused(String.valueOf(e.getMessage()), e);
    }

    private IOException lost(JedisException e) {
        return new IOException("the connection to Redis at %s is lost: %s".formatted(server, reason(e)), e);
    }

    static String reason(Throwable e) {
        Throwable deepest = e;
        for (int i = 0; i < 8 && deepest.getCause() != null; i++) {
            deepest = deepest.getCause();
        }
        return deepest.getMessage() == null ? deepest.getClass().getSimpleName() : deepest.getMessage();
    }

    /// Ends it at once; who waits for an answer hears of it.
    @Override
    public void close() {
        try {
            connection.forceDisconnect();
        } catch (IOException | JedisException e) {
            // It is closed as far as we are concerned.
        }
    }
}
