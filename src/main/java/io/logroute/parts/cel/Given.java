package io.logroute.parts.cel;

import java.time.InstantSource;

/// What an expression may ask besides its event.
///
/// @param route name of the route
/// @param clock gives `now`
public record Given(String route, InstantSource clock) {}
