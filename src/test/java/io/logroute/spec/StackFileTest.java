package io.logroute.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StackFileTest {
    private static StackFile read(String yaml) {
        return read(yaml, Map.of());
    }

    private static StackFile read(String yaml, Map<String, String> environment) {
        return StackFile.read("stack.yml", yaml, Optional.empty(), "My Shop", environment::get);
    }

    /// `key=value@line` of the only service.
    private static List<String> labels(StackFile read) {
        assertThat(read.problems()).isEmpty();
        assertThat(read.services()).hasSize(1);
        return read.services().getFirst().labels().stream()
                .map(label -> label.key() + "=" + label.value() + "@" + label.line())
                .toList();
    }

    @Test
    void labels_are_a_mapping_or_a_list_and_those_of_others_are_left_out() {
        assertThat(labels(read("""
                        version: "3.8"
                        services:
                          web:
                            image: shop/web
                            deploy:
                              labels:
                                traefik.enable: "true"
                                logroute.enable: "true"
                                logroute.drop: 'event.a == "b=c"'
                        """))).containsExactly("logroute.enable=true@8", "logroute.drop=event.a == \"b=c\"@9");
        assertThat(labels(read("""
                        services:
                          web:
                            deploy:
                              labels:
                                - traefik.enable=true
                                - logroute.enable=true
                                - 'logroute.drop=event.a == "b=c"'
                                - logroute.index
                        """)))
                .containsExactly("logroute.enable=true@6", "logroute.drop=event.a == \"b=c\"@7", "logroute.index=@8");
    }

    @Test
    void anchors_merges_and_extensions_work() {
        assertThat(labels(read("""
                        x-logs: &logs
                          logroute.enable: "true"
                          logroute.to: es
                        x-deploy: &deploy
                          replicas: 2
                          labels:
                            <<: *logs
                            logroute.to: archive
                        services:
                          web:
                            deploy: { <<: *deploy }
                        """))).containsExactly("logroute.to=archive@8", "logroute.enable=true@2");
    }

    @Test
    void a_service_is_called_as_the_swarm_will_call_it() {
        var yaml = "services: { web: { deploy: { labels: { logroute.enable: 'true' } } } }\n";
        assertThat(read(yaml).services().getFirst().service()).isEqualTo("myshop_web");
        assertThat(read("name: store\n" + yaml).services().getFirst().service()).isEqualTo("store_web");
        var named = StackFile.read("s", "name: store\n" + yaml, Optional.of("prod"), "x", _ -> null);
        assertThat(named.services().getFirst().service()).isEqualTo("prod_web");
        assertThat(named.services().getFirst().stack()).contains("prod");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            two dollars are one     | ^a$$            | ^a$
            a variable              | ${SINK}         | es
            a bare variable         | $SINK-2         | es-2
            a default               | ${NONE:-other}  | other
            a default of an empty   | ${EMPTY:-other} | other
            an empty one that is set| a${EMPTY-other} | a
            an escaped variable     | $${SINK}        | ${SINK}
            a template              | %{x}-%{+yyyy}   | %{x}-%{+yyyy}
            """)
    void dollars_are_as_in_compose(String why, String written, String read) {
        for (var labels :
                List.of("{ logroute.to: '%s' }".formatted(written), "[ 'logroute.to=%s' ]".formatted(written))) {
            assertThat(labels(read(
                            "services: { web: { deploy: { labels: %s } } }".formatted(labels),
                            Map.of("SINK", "es", "EMPTY", ""))))
                    .as(why)
                    .containsExactly("logroute.to=" + read + "@1");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            on the container      | services: { web: { labels: { a: b, logroute.to: es } } }                    | services.web.labels | the label logroute.to stands on the container, where nobody reads it | Put the labels of logroute under deploy.labels of the service.
            in a list there       | services: { web: { labels: [ logroute.to=es, logroute.enable=true ] } }     | services.web.labels | the label logroute.to stands on the container, where nobody reads it | Put the labels of logroute under deploy.labels of the service.
            a truth value         | services: { web: { deploy: { labels: { logroute.enable: true } } } }        | logroute.enable     | true without quotes is no text, and Docker refuses it                | Write "true".
            a list as a value     | services: { web: { deploy: { labels: { logroute.to: [es, archive] } } } }   | logroute.to         | is no single value                                                   | Labels are text: write one value, in quotes.
            a single dollar       | services: { web: { deploy: { labels: { logroute.multiline: '^a$' } } } }    | logroute.multiline  | has a $ that Docker takes for a variable                             | A $ that is meant is written $$.
            a mapping in a list   | services: { web: { deploy: { labels: [ logroute.to: es ] } } }              | services.web.deploy.labels | logroute.to is a mapping in a list, and Docker refuses it     | Write - logroute.to=VALUE, or leave the - away everywhere.
            a variable not set    | services: { web: { deploy: { labels: { logroute.to: '${X}' } } } }          | logroute.to         | takes the variable X, which is not set here                          | Set it, or write ${X:-...} with what it is otherwise; a $ that is meant is written $$.
            one that must be set  | services: { web: { deploy: { labels: { logroute.to: '${X:?no}' } } } }      | logroute.to         | takes the variable X, which is not set here                          | Set it, or write ${X:-...} with what it is otherwise; a $ that is meant is written $$.
            no services           | version: "3.8"                                                              | services            | there are no services in it                                          | Name a stack file, or a Compose file: one with services: in it.
            """)
    void what_docker_would_refuse_or_read_otherwise_is_told(
            String why, String yaml, String path, String what, String mend) {
        assertThat(read(yaml).problems()).as(why).containsExactly(new Problem("stack.yml:1: " + path, what, mend));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            yes               | { logroute.enable: yes }                            | logroute.enable=true | Write "true".
            off               | { logroute.enable: Off }                            | logroute.enable=false | Write "false".
            a mapping in list | [ logroute.to: es ]                                 | logroute.to=es       | Write - logroute.to=VALUE, or leave the - away everywhere.
            a list            | { logroute.to: [es, archive] }                      | logroute.to=es, archive | Labels are text: write one value, in quotes.
            a mapping         | { logroute.parse: { json: {} } }                    | logroute.parse= told | Labels are text: write one value, in quotes.
            no variable       | { logroute.to: '${X}' }                             | logroute.to= told    | Set it, or write ${X:-...} with what it is otherwise; a $ that is meant is written $$.
            """)
    void what_is_told_of_a_label_is_told_once_and_the_rest_is_looked_at(
            String why, String labels, String value, String mend) {
        var read = read("services: { web: { deploy: { labels: %s } } }".formatted(labels));
        assertThat(read.problems()).as(why).extracting(Problem::mend).containsExactly(mend);
        assertThat(read.services().getFirst().labels())
                .as(why)
                .extracting(label -> label.key() + "=" + label.value() + (label.isTold() ? " told" : ""))
                .containsExactly(value);
    }

    @Test
    void what_is_no_yaml_or_empty_is_told_with_its_line() {
        assertThat(read("services:\n  web: [\n").problems()).hasSize(1).allSatisfy(problem -> {
            assertThat(problem.what()).startsWith("this is not YAML");
            assertThat(problem.where()).startsWith("stack.yml:");
        });
        assertThat(read("").problems()).extracting(Problem::what).containsExactly("there are no services in it");
        assertThat(read("services: {}\n---\nservices: {}\n").problems())
                .containsExactly(new Problem(
                        "stack.yml:3", "it has several documents", "Docker reads the first; write several files."));
    }

    @Test
    void services_without_labels_of_ours_are_none() {
        var read = read("""
                services:
                  web: { image: x }
                  db: { image: y, deploy: { replicas: 2 } }
                  cache: { labels: { a: b }, deploy: { labels: { traefik.enable: "true" } } }
                """);
        assertThat(read.services()).isEmpty();
        assertThat(read.problems()).isEmpty();
    }
}
