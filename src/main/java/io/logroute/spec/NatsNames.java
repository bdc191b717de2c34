package io.logroute.spec;

import static io.logroute.spec.Require.require;

import java.net.URI;
import java.util.List;

/// What may be written where something of NATS is named.
final class NatsNames {
    /// What no name of a stream or consumer may have in it.
    private static final String NOT_IN_NAMES = ".*>/\\";

    private NatsNames() {}

    static void requireServers(List<URI> servers) {
        require(!servers.isEmpty(), "servers is empty; name at least one, such as nats://nats:4222");
        for (var server : servers) {
            require(
                    server.getRawUserInfo() == null && server.toString().indexOf('@') < 0,
                    "servers has a user, password or token in it; write them under auth, the secret in a file");
            require(
                    ("nats".equals(server.getScheme()) || "tls".equals(server.getScheme()))
                            && server.getHost() != null
                            && server.getPort() <= 65_535
                            && (server.getRawPath().isEmpty()
                                    || server.getRawPath().equals("/"))
                            && server.getRawQuery() == null
                            && server.getRawFragment() == null,
                    "servers has \"%s\"; write nats://host:4222 or tls://host:4222",
                    server);
        }
    }

    /// @param what the key, for the message
    static void requireName(String what, String name) {
        require(
                !name.isEmpty()
                        && name.length() <= 100
                        && name.chars().allMatch(c -> c > ' ' && c < 0x7f && NOT_IN_NAMES.indexOf(c) < 0),
                "%s is \"%s\"; write 1 to 100 letters, digits, - and _, without blanks, dots, *, > and slashes",
                what,
                name);
    }

    /// One that events are taken from: it may have `*` for a token, and `>` at its end.
    static void requireSubscription(String what, String subject) {
        requireTokens(what, subject);
        var tokens = subject.split("\\.", -1);
        for (int i = 0; i < tokens.length; i++) {
            boolean isWild = tokens[i].equals("*") || tokens[i].equals(">") && i == tokens.length - 1;
            require(
                    isWild || tokens[i].indexOf('*') < 0 && tokens[i].indexOf('>') < 0,
                    "%s is \"%s\"; * stands for one whole token, as in logs.*.web, and > for all that follow, as in logs.>",
                    what,
                    subject);
        }
    }

    /// One that events are sent to, with the pieces of a template in it.
    static void requireTarget(String what, FieldTemplate subject) {
        var shown = new StringBuilder();
        for (var piece : subject.pieces()) {
            if (piece instanceof FieldTemplate.Piece.Text(var text)) {
                require(
                        text.indexOf('*') < 0 && text.indexOf('>') < 0,
                        "%s is \"%s\"; events are sent to one subject, without * and >",
                        what,
                        subject);
                shown.append(text);
            } else {
                shown.append('x');
            }
        }
        require(
                shown.charAt(0) != '$',
                "%s is \"%s\"; subjects that begin with $ belong to the servers: write another",
                what,
                subject);
        requireTokens(what, shown.toString());
    }

    private static void requireTokens(String what, String subject) {
        require(
                !subject.isEmpty()
                        && subject.length() <= 1_000
                        && subject.chars().allMatch(c -> c > ' ' && c < 0x7f)
                        && List.of(subject.split("\\.", -1)).stream().noneMatch(String::isEmpty),
                "%s is \"%s\"; write tokens with dots between them, without blanks, such as logs.web",
                what,
                subject);
    }
}
