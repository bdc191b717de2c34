package io.logroute.plan.swarm;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// A Docker config of ours: a pipeline, or a part of one. Its content never changes; its labels may.
public record OwnedConfig(String name, SortedMap<String, String> labels, Content content) {
    public OwnedConfig {
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }

    OwnedConfig with(Map<String, String> other) {
        return new OwnedConfig(name, new TreeMap<>(other), content);
    }
}
