package io.logroute.face;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Serves a [Shop] in a process of its own, from the real jar. A line on its input is a trouble
/// for router `core`.
final class ServedShop {
    private ServedShop() {}

    public static void main(String[] args) throws Exception {
        Face.takeLog();
        var shop = new Shop(Path.of(args[0]));
        Thread.ofPlatform().daemon().start(() -> listen(shop));
        try {
            Face.serve(
                    "127.0.0.1",
                    Integer.parseInt(args[1]),
                    shop.board,
                    io.logroute.router.DeadLetterOffice.NONE,
                    shop.meters,
                    new io.logroute.router.Foresight(io.logroute.parts.elastic.Mappings.of(java.util.Optional.empty())),
                    new Face.Life() {
                        @Override
                        public void listening(int port) {
                            System.out.println("listening " + port);
                            if (args.length > 2) {
                                throw new IllegalArgumentException(args[2]);
                            }
                        }

                        @Override
                        public void stopping() {
                            System.out.println("stopping");
                        }
                    });
            System.out.println("returned");
        } catch (CannotServe | IllegalArgumentException e) {
            System.out.println(e.getMessage());
            System.exit(2);
        }
    }

    private static void listen(Shop shop) {
        try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("stop")) {
                    Face.stop();
                } else {
                    shop.trouble("core", line);
                }
                System.out.println("told");
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
