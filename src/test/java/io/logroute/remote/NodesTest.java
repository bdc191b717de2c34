package io.logroute.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodesTest {
    /// Far on, where such clocks turn negative.
    private long now = Long.MAX_VALUE - Duration.ofSeconds(90).toNanos();

    private final Nodes nodes = new Nodes(
            List.of(URI.create("http://a:1"), URI.create("http://b:2/es/"), URI.create("http://c")), () -> now);

    @Test
    void requests_begin_at_each_node_in_turn() {
        assertThat(told()).isEqualTo("http://a:1 http://b:2/es/ http://c");
        assertThat(told()).isEqualTo("http://b:2/es/ http://c http://a:1");
        assertThat(told()).isEqualTo("http://c http://a:1 http://b:2/es/");
        assertThat(told()).isEqualTo("http://a:1 http://b:2/es/ http://c");
    }

    @Test
    void a_path_goes_below_the_nodes_own() {
        assertThat(nodes.inTurn().stream().map(node -> node.at("/_bulk?a=b%2Cc")))
                .containsExactly(
                        URI.create("http://a:1/_bulk?a=b%2Cc"),
                        URI.create("http://b:2/es/_bulk?a=b%2Cc"),
                        URI.create("http://c/_bulk?a=b%2Cc"));
    }

    @Test
    void a_node_that_failed_rests_a_minute_and_a_minute_longer_each_time() {
        var a = nodes.inTurn().getFirst();
        for (int minutes : new int[] {1, 2, 3}) {
            nodes.failed(a, now);
            pass(Duration.ofMinutes(minutes).minusSeconds(1));
            assertThat(told()).as("after nearly %d min", minutes).doesNotContain("http://a:1");
            pass(Duration.ofSeconds(1));
            assertThat(told()).as("after %d min", minutes).contains("http://a:1");
        }
        nodes.worked(a);
        nodes.failed(a, now);
        pass(Duration.ofMinutes(1));
        assertThat(told()).contains("http://a:1");
    }

    @Test
    void requests_that_are_under_way_together_and_fail_are_one_failure() {
        var a = nodes.inTurn().getFirst();
        long began = nodes.now();
        pass(Duration.ofSeconds(30));
        for (int i = 0; i < 8; i++) {
            nodes.failed(a, began);
            pass(Duration.ofMillis(1));
        }
        pass(Duration.ofMinutes(1));
        assertThat(told()).contains("http://a:1");
        nodes.failed(a, began);
        assertThat(told()).as("one that failed later still").contains("http://a:1");
        nodes.failed(a, nodes.now());
        pass(Duration.ofMinutes(2).minusSeconds(1));
        assertThat(told()).as("asked again, it failed again").doesNotContain("http://a:1");
    }

    @Test
    void while_all_rest_the_one_that_rested_most_is_asked() {
        var all = nodes.inTurn();
        nodes.failed(all.get(1), now);
        pass(Duration.ofSeconds(1));
        nodes.failed(all.get(2), now);
        nodes.failed(all.get(0), now);
        assertThat(told()).isEqualTo("http://b:2/es/");
        nodes.failed(all.get(1), now);
        pass(Duration.ofSeconds(1));
        assertThat(told()).doesNotContain("b").doesNotContain(" ");
    }

    private String told() {
        return String.join(
                " ", nodes.inTurn().stream().map(Nodes.Node::toString).toList());
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }
}
