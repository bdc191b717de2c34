package io.logroute.parts.redis;

import io.logroute.spec.ByteSize;
import io.logroute.spec.ClientTls;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.Name;
import io.logroute.spec.RedisAt;
import io.logroute.spec.RedisForm;
import io.logroute.spec.SinkSpec;
import io.logroute.spec.SourceSpec;
import io.logroute.spec.SourceSpec.RedisCodec;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Sources and sinks as tests speak of them: all defaults, but what is said.
record Specs(
        RedisAt at,
        RedisForm form,
        String key,
        Optional<Integer> maxLength,
        int eventsPerEntry,
        Duration claimAfter,
        ByteSize room,
        RedisCodec codec,
        Optional<Integer> maxEvents,
        Optional<String> swarm) {
    static Specs at(URI... servers) {
        return at(new RedisAt(
                List.of(servers), Optional.empty(), servers.length > 1, 0, Optional.empty(), Optional.empty()));
    }

    static Specs at(RedisAt at) {
        return new Specs(
                at,
                RedisForm.STREAM,
                "logs",
                Optional.empty(),
                1,
                Duration.ofMinutes(1),
                ByteSize.parse("32MiB"),
                RedisCodec.JSON,
                Optional.empty(),
                Optional.empty());
    }

    Specs list() {
        return form(RedisForm.LIST);
    }

    Specs form(RedisForm next) {
        return new Specs(at, next, key, maxLength, eventsPerEntry, claimAfter, room, codec, maxEvents, swarm);
    }

    Specs key(String next) {
        return new Specs(at, form, next, maxLength, eventsPerEntry, claimAfter, room, codec, maxEvents, swarm);
    }

    Specs maxLength(int next) {
        return new Specs(at, form, key, Optional.of(next), eventsPerEntry, claimAfter, room, codec, maxEvents, swarm);
    }

    Specs eventsPerEntry(int next) {
        return new Specs(at, form, key, maxLength, next, claimAfter, room, codec, maxEvents, swarm);
    }

    Specs claimAfter(Duration next) {
        return new Specs(at, form, key, maxLength, eventsPerEntry, next, room, codec, maxEvents, swarm);
    }

    Specs room(String next) {
        return new Specs(
                at, form, key, maxLength, eventsPerEntry, claimAfter, ByteSize.parse(next), codec, maxEvents, swarm);
    }

    Specs maxEvents(int next) {
        return new Specs(at, form, key, maxLength, eventsPerEntry, claimAfter, room, codec, Optional.of(next), swarm);
    }

    /// Events say that they come from there.
    Specs swarm(String next) {
        return new Specs(
                at, form, key, maxLength, eventsPerEntry, claimAfter, room, codec, maxEvents, Optional.of(next));
    }

    Specs auth(Path passwordFile) {
        return auth(Optional.empty(), passwordFile);
    }

    Specs auth(Optional<String> user, Path passwordFile) {
        return with(new RedisAt(
                at.servers(),
                at.sentinel(),
                at.cluster(),
                at.database(),
                Optional.of(new RedisAt.Auth(user, passwordFile)),
                at.tls()));
    }

    Specs tls(ClientTls tls) {
        return with(new RedisAt(at.servers(), at.sentinel(), at.cluster(), at.database(), at.auth(), Optional.of(tls)));
    }

    private Specs with(RedisAt next) {
        return new Specs(next, form, key, maxLength, eventsPerEntry, claimAfter, room, codec, maxEvents, swarm);
    }

    SourceSpec.Redis source() {
        return new SourceSpec.Redis(
                at.servers(),
                at.sentinel(),
                at.cluster(),
                at.database(),
                at.auth(),
                at.tls(),
                List.of(key.split(",")),
                form,
                Optional.empty(),
                Optional.empty(),
                claimAfter,
                codec,
                room);
    }

    SinkSpec.Redis sink() {
        return new SinkSpec.Redis(
                at.servers(),
                at.sentinel(),
                at.cluster(),
                at.database(),
                at.auth(),
                at.tls(),
                FieldTemplate.parse(key),
                form,
                maxLength,
                maxEvents,
                SinkSpec.RedisTrim.ACKNOWLEDGED,
                eventsPerEntry,
                new SinkSpec.RedisBatch(5_000, ByteSize.parse("2MiB"), Duration.ofMillis(50)),
                swarm.map(name -> new SinkSpec.RedisOrigin(new Name(name))));
    }
}
