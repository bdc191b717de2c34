package io.logroute.buffer;

/// Damage known so far in this process, at opening and by reading since. Units as in [Recovery].
public record Damage(long corruptRecords, long lostEvents, long doubtfulEvents) {}
