package io.logroute.face;

import io.logroute.control.FleetStates;
import io.logroute.face.DeadLettersResource.Purged;
import io.logroute.face.DeadLettersResource.Replayed;
import io.logroute.remote.RouterLink;
import java.util.List;
import java.util.Map;

/// Answers questions on dead letters: of routers in this process, or of those that are instances of a swarm.
public sealed interface Letters permits LettersDesk, LettersAfar {
    /// Asks the management of an instance.
    @FunctionalInterface
    interface Courier {
        /// @param service the Swarm service that the instance is
        /// @param target path and query, encoded
        RouterLink.Asked ask(String service, String method, String target, byte[] body);
    }

    /// Those of a swarm: every instance has its own, and is asked for them.
    static Letters afar(FleetStates fleets, Courier courier) {
        return new LettersAfar(fleets, courier);
    }

    /// In numbers, of every sink of every router.
    List<DeadLettersView> all() throws NoAnswer;

    /// The letters themselves, the oldest first.
    ///
    /// @param router its name; or that of an instance, such as `core-0`
    /// @param query as of a URL
    DeadLetterView.Page some(String router, String sink, Map<String, String> query) throws NoAnswer;

    DeadLetterView one(String router, String sink, String id) throws NoAnswer;

    /// One step of giving some back.
    Replayed replay(String router, String sink, byte[] body) throws NoAnswer;

    /// One step of deleting some.
    Purged purge(String router, String sink, byte[] body) throws NoAnswer;

    /// There is no answer, and why.
    final class NoAnswer extends Exception {
        private final transient Fault fault;

        NoAnswer(Fault fault) {
            super(fault.what());
            this.fault = fault;
        }

        NoAnswer(Fault fault, Throwable cause) {
            super(fault.what(), cause);
            this.fault = fault;
        }

        Fault fault() {
            return fault;
        }
    }
}
