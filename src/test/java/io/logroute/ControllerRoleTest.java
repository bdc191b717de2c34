package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ControllerRoleTest {
    /// A process that has looked up a name, and tells for how long Java keeps what it found, or did not.
    public static final class Looking {
        public static void main(String[] args) throws Exception {
            ControllerRole.forgetAddressesSoon();
            InetAddress.getByName("localhost");
            var policy = Class.forName("sun.net.InetAddressCachePolicy");
            System.out.print(policy.getMethod("get").invoke(null) + " "
                    + policy.getMethod("getNegative").invoke(null));
        }
    }

    /// Java reads it once in each process.
    @Test
    void an_address_is_looked_up_again_after_a_second_for_a_task_that_restarts_has_another() throws Exception {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-exports",
                        "java.base/sun.net=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Looking.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(process.waitFor(50, TimeUnit.SECONDS)).isTrue();
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("1 1");
        } finally {
            process.destroyForcibly();
        }
    }
}
