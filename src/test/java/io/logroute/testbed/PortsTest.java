package io.logroute.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void none_is_given_twice_and_all_are_below_those_that_the_system_gives() throws IOException {
        var given = new ArrayList<Integer>();
        for (int i = 0; i < 500; i++) {
            given.add(Ports.free());
        }
        assertThat(given)
                .doesNotHaveDuplicates()
                .allSatisfy(port -> assertThat(port).isBetween(10_000, 19_999));
    }
}
