package io.logroute.face;

import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/// Which instances somebody means: one, all of a router, or all on a node.
sealed interface Aim {
    Pattern NAMED = Pattern.compile("([^/\\s]+)(?:/([0-9]{1,6}))?");

    /// As its tasks are called.
    Pattern TASK = Pattern.compile("([^/\\s]+)-([0-9]{1,6})");

    /// Where REST takes wishes of them.
    String path();

    /// As it is called: `core/2`, `router core`, `node node-c`.
    String words();

    record Instance(String router, int number) implements Aim {
        @Override
        public String path() {
            return "/api/v1/routers/%s/instances/%d".formatted(Asking.encoded(router), number);
        }

        @Override
        public String words() {
            return "%s/%d".formatted(router, number);
        }
    }

    record Router(String router) implements Aim {
        @Override
        public String path() {
            return "/api/v1/routers/" + Asking.encoded(router);
        }

        @Override
        public String words() {
            return "router " + router;
        }
    }

    record Node(String node) implements Aim {
        @Override
        public String path() {
            return "/api/v1/nodes/" + Asking.encoded(node);
        }

        @Override
        public String words() {
            return "node " + node;
        }
    }

    /// @throws ParameterException when none is named, or both
    static Aim of(CommandLine line, Optional<String> named, Optional<String> node) {
        if (named.isPresent() == node.isPresent()) {
            throw new ParameterException(
                    line,
                    named.isPresent()
                            ? "an instance or router and --node are both named; name one of them"
                            : "nothing is named; write ROUTER/N, such as core/2, or ROUTER, or --node NODE");
        }
        if (node.isPresent()) {
            if (node.get().isBlank()) {
                throw new ParameterException(line, "--node is empty; write the name of a node");
            }
            return new Node(node.get());
        }
        var parts = NAMED.matcher(named.orElseThrow());
        if (!parts.matches()) {
            throw new ParameterException(
                    line,
                    "\"%s\" is no instance and no router; write ROUTER/N, such as core/2, or ROUTER"
                            .formatted(named.get()));
        }
        return parts.group(2) == null
                ? new Router(parts.group(1))
                : new Instance(parts.group(1), Integer.parseInt(parts.group(2)));
    }

    /// @throws ParameterException when it is no single instance
    static Instance one(CommandLine line, String named) {
        if (of(line, Optional.of(named), Optional.empty()) instanceof Instance instance) {
            return instance;
        }
        var meant = TASK.matcher(named);
        throw new ParameterException(
                line,
                meant.matches()
                        ? "\"%s\" is no instance; did you mean %s/%s?".formatted(named, meant.group(1), meant.group(2))
                        : "\"%s\" is no instance; write ROUTER/N, such as core/2".formatted(named));
    }
}
