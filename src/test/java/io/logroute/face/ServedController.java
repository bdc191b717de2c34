package io.logroute.face;

import io.logroute.parts.elastic.Mappings;
import io.logroute.router.DeadLetterOffice;
import io.logroute.router.Foresight;
import java.nio.file.Path;
import java.util.Optional;

/// Serves a [Shop] with a [MemoryOperator], behind tokens, in a process of its own, from the real jar. The
/// tokens lie in files beside the folder of specs.
final class ServedController {
    private ServedController() {}

    public static void main(String[] args) throws Exception {
        Face.takeLog();
        var folder = Path.of(args[0]);
        var shop = new Shop(folder);
        Face.serve(
                "127.0.0.1",
                Integer.parseInt(args[1]),
                shop.board,
                new LettersDesk(DeadLetterOffice.NONE),
                shop.meters,
                new Foresight(Mappings.of(Optional.empty())),
                new MemoryOperator(shop),
                Access.of(Optional.of(folder.resolveSibling("operator")), Optional.of(folder.resolveSibling("viewer"))),
                new Face.Life() {
                    @Override
                    public void listening(int port) {
                        System.out.println("listening " + port);
                    }

                    @Override
                    public void stopping() {}
                });
    }
}
