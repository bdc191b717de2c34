package io.logroute.face;

import io.logroute.control.Operator;
import io.logroute.control.StatusBoard;
import io.logroute.router.Foresight;
import io.logroute.telemetry.Instruments;
import java.time.InstantSource;
import java.util.Optional;

/// What the resources answer from.
///
/// @param foresight checks specs
/// @param operator what can be asked of the swarm; empty where there is none
/// @param access who may ask
record Served(
        StatusBoard board,
        Letters letters,
        Instruments meters,
        Foresight foresight,
        InstantSource clock,
        Optional<Operator> operator,
        Access access) {
    /// Without a swarm, and open to everybody.
    Served(StatusBoard board, Letters letters, Instruments meters, Foresight foresight, InstantSource clock) {
        this(board, letters, meters, foresight, clock, Optional.empty(), Access.OPEN);
    }

    /// The same of a controller.
    Served of(Operator other, Access who) {
        return new Served(board, letters, meters, foresight, clock, Optional.of(other), who);
    }
}
