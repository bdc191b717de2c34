package io.logroute.face.convert;

import io.logroute.face.convert.Remark.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is told while a pipeline is converted.
final class Notes {
    private final List<Remark> remarks = new ArrayList<>();
    private final List<Remark> waiting = new ArrayList<>();
    private final Map<String, String> general = new LinkedHashMap<>();

    List<Remark> remarks() {
        return remarks;
    }

    /// What always differs, and matters here: once each.
    List<String> general() {
        return List.copyOf(general.values());
    }

    void general(String about, String text) {
        general.putIfAbsent(about, text);
    }

    void add(Place at, Kind kind, String plugin, String option, String text) {
        remarks.add(new Remark(at, kind, plugin, option, text));
    }

    /// Remarks that were there before their plugin was come to: it tells them at its place.
    void early(List<Remark> early) {
        waiting.addAll(early);
    }

    /// The remarks that wait for this plugin are told now.
    ///
    /// @return those that were told
    List<Remark> comeTo(Conf.Plugin plugin) {
        var told = new ArrayList<Remark>();
        var places = new HashSet<Place>();
        places(plugin, places);
        for (var remark : List.copyOf(waiting)) {
            if (places.contains(remark.at())) {
                waiting.remove(remark);
                remarks.add(remark);
                told.add(remark);
            }
        }
        return told;
    }

    /// What is said of options does not matter where the whole is left out.
    void withdraw(List<Remark> told) {
        remarks.removeAll(told);
    }

    private static void places(Conf.Plugin plugin, Set<Place> places) {
        places.add(plugin.at());
        for (var option : plugin.options()) {
            places.add(option.at());
            if (option.value() instanceof Conf.Value.Nested(var nested)) {
                places(nested, places);
            }
        }
    }

    /// Those that waited for nothing.
    List<Remark> stillWaiting() {
        return List.copyOf(waiting);
    }

    /// Where the remarks are now, for [#since].
    int mark() {
        return remarks.size();
    }

    List<Remark> since(int mark) {
        return Collections.unmodifiableList(new ArrayList<>(remarks.subList(mark, remarks.size())));
    }
}
