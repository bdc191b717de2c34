package io.logroute;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
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

    @Test
    void a_link_key_of_root_that_another_user_cannot_read_says_whose_it_is_and_how_to_give_it_over() {
        ControllerRole.Owners owners = file -> OptionalInt.of(file.startsWith("/data") ? 0 : 10001);
        assertThat(ControllerRole.notOurs(Path.of("/data/link.key"), false, owners))
                .isEqualTo("the link key /data/link.key cannot be read: the controller runs as user 10001, and the file"
                        + " belongs to user 0. Give that user the whole volume, on the node where it lies, such as with:"
                        + " chown -R 10001:10001 /data");
        assertThat(ControllerRole.notOurs(Path.of("/data/link.key"), false, _ -> OptionalInt.empty()))
                .contains("the controller runs as another user, and whose the file is cannot be seen")
                .endsWith("chown -R USER:USER /data");
        assertThat(ControllerRole.notOurs(Path.of("/run/secrets/key"), true, owners))
                .as("of a secret nobody changes the owner")
                .endsWith("Let that user read it, or name another file with --link-key-file.");
    }

    @Test
    void the_system_knows_who_this_is_and_whose_a_file_is(@TempDir Path folder) throws Exception {
        var file = Files.createFile(folder.resolve("link.key"));
        assertThat(ControllerRole.Owners.OF_SYSTEM.owner(file))
                .isPresent()
                .isEqualTo(ControllerRole.Owners.OF_SYSTEM.owner(Path.of("/proc/self")));
        assertThat(ControllerRole.Owners.OF_SYSTEM.owner(folder.resolve("nothing")))
                .isEmpty();
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
            assertThat(process.waitFor(200, TimeUnit.SECONDS)).isTrue();
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("1 1");
        } finally {
            process.destroyForcibly();
        }
    }
}
