package io.logroute.plan.swarm;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// How configs with spec documents are called. One that LogRoute stored under a name is called
/// `<name>-<12 hex of the content's hash>`, so that a newer one can be made before the older one is removed;
/// one that was made by hand is called as whoever made it pleased.
public final class SpecName {
    private static final int HEX = 12;

    private SpecName() {}

    /// What a config is called that is stored under the name.
    public static String of(String name, byte[] content) {
        return "%s-%s".formatted(name, hash(content));
    }

    /// The name that the config goes by: what is stored under it takes the config's place.
    public static String goneBy(Seen.SpecConfig config) {
        var end = "-" + hash(config.content().bytes());
        var name = config.name();
        return name.length() > end.length() && name.endsWith(end)
                ? name.substring(0, name.length() - end.length())
                : name;
    }

    private static String hash(byte[] content) {
        try {
            var sum = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(sum).substring(0, HEX);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
