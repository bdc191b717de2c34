package io.logroute.face;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InkTest {
    @Test
    void on_one_line_nothing_points_at_a_place_of_another() {
        var problem = "there is no variable \"evnt\"\n    a == 1 &&\tevnt.x == $1\n          \t^. Write event.x.";
        assertThat(Ink.plain(problem))
                .isEqualTo("there is no variable \"evnt\", in: a == 1 && evnt.x == $1. Write event.x.");
        assertThat(Ink.plainLines("wrong\n    a b\n      ^", "  ")).isEqualTo("  wrong\n      a b\n        ^");
    }
}
