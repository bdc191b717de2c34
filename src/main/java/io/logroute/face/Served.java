package io.logroute.face;

import io.logroute.control.StatusBoard;
import io.logroute.router.DeadLetterOffice;
import io.logroute.router.Foresight;
import io.logroute.telemetry.Instruments;
import java.time.InstantSource;

/// What the resources answer from.
///
/// @param foresight checks specs
record Served(
        StatusBoard board, DeadLetterOffice letters, Instruments meters, Foresight foresight, InstantSource clock) {}
