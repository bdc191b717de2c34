package io.logroute.face.convert;

import java.util.Comparator;

/// Where something stands in a `.conf` file.
///
/// @param order of the file among those that were read together
/// @param line from 1; likewise the column
public record Place(String file, int order, int line, int column) implements Comparable<Place> {
    private static final Comparator<Place> ORDER =
            Comparator.comparingInt(Place::order).thenComparingInt(Place::line).thenComparingInt(Place::column);

    @Override
    public int compareTo(Place other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return file + ":" + line;
    }
}
