package io.logroute.router;

import io.logroute.telemetry.Instruments;
import java.time.InstantSource;

/// What a filter may ask besides its event.
record Surroundings(String router, String route, Instruments meters, InstantSource clock) {}
