package io.logroute.face.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.face.convert.Conf.Condition;
import io.logroute.face.convert.Conf.Operand;
import io.logroute.face.convert.Conf.Plugin;
import io.logroute.face.convert.Conf.Value;
import io.logroute.spec.FieldPath;
import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfReaderTest {
    private static final Operand A = new Operand.Field(new FieldPath(List.of("a")));

    @Test
    void sections_may_stand_in_any_order_and_more_than_once() {
        var conf = read("output { o {} } filter { f {} } input { i {} } filter { g {} } filter { }");
        assertThat(names(conf.inputs())).containsExactly("i");
        assertThat(names(conf.filters())).containsExactly("f", "g");
        assertThat(names(conf.outputs())).containsExactly("o");
    }

    @Test
    void every_kind_of_value_is_read() {
        var plugin = plugin("""
                a => word # a comment
                b => "it's" c => 'say "x"' d => -5 e => 1.50 f => []
                g => ["x", 2, [y1]] h => { k1 => v1 "k 2" => { 3 => "z" } }
                "i" => json { charset => "UTF-8" } j => rubydebug
                """);
        assertThat(plugin.options().stream().map(Conf.Option::name))
                .containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        assertThat(value(plugin, "a")).isEqualTo(new Value.Text("word", false));
        assertThat(value(plugin, "b")).isEqualTo(new Value.Text("it's", true));
        assertThat(value(plugin, "c")).isEqualTo(new Value.Text("say \"x\"", true));
        assertThat(value(plugin, "d")).isEqualTo(new Value.Number("-5"));
        assertThat(value(plugin, "e")).isEqualTo(new Value.Number("1.50"));
        assertThat(value(plugin, "f")).isEqualTo(new Value.Items(List.of()));
        assertThat(value(plugin, "g"))
                .isEqualTo(new Value.Items(List.of(
                        new Value.Text("x", true),
                        new Value.Number("2"),
                        new Value.Items(List.of(new Value.Text("y1", false))))));
        assertThat(value(plugin, "h"))
                .isInstanceOfSatisfying(
                        Value.Table.class,
                        table -> assertThat(table.entries())
                                .extracting(Conf.Entry::key)
                                .containsExactly("k1", "k 2"));
        assertThat(value(plugin, "i"))
                .isInstanceOfSatisfying(
                        Value.Nested.class,
                        nested -> assertThat(nested.plugin().name()).isEqualTo("json"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a quote that is escaped stays so  | \"a\\\"b\"     | a\\\"b",
                "other escapes are left alone      | \"a\\n\\t\\d\" | a\\n\\t\\d",
                "a backslash at the end of a text  | \"a\\\\b\"     | a\\\\b",
                "a hash in a text is no comment    | \"a # b\"      | a # b",
            })
    void texts_are_taken_as_they_are(String why, String written, String text) {
        assertThat(value(plugin("x => " + written), "x")).isEqualTo(new Value.Text(text, true));
    }

    @Test
    void an_option_that_stands_twice_is_joined() {
        var plugin = plugin(
                "m => { a => \"1\" } m => { b => \"2\" a => \"3\" } l => [\"x\"] l => [\"y\"] s => \"1\" s => \"2\" t => \"1\" t => \"1\"");
        assertThat(value(plugin, "m")).isInstanceOfSatisfying(Value.Table.class, table -> {
            assertThat(table.entries()).extracting(Conf.Entry::key).containsExactly("a", "b");
            assertThat(table.entries().getFirst().value())
                    .isEqualTo(new Value.Items(List.of(new Value.Text("1", true), new Value.Text("3", true))));
        });
        assertThat(value(plugin, "l"))
                .isEqualTo(new Value.Items(List.of(new Value.Text("x", true), new Value.Text("y", true))));
        assertThat(value(plugin, "s"))
                .isEqualTo(new Value.Items(List.of(new Value.Text("1", true), new Value.Text("2", true))));
        assertThat(value(plugin, "t")).isEqualTo(new Value.Text("1", true));
    }

    @Test
    void several_files_are_one_text_and_each_place_names_its_own() {
        var read = ConfReader.read(List.of(
                new ConfReader.Source("1.conf", "filter {\n  first {}"),
                new ConfReader.Source("2.conf", "\n  second {}\n}\noutput {\n   third {}\n}")));
        var conf = good(read);
        assertThat(names(conf.filters())).containsExactly("first", "second");
        assertThat(conf.filters().get(0).at()).isEqualTo(new Place("1.conf", 0, 2, 3));
        assertThat(conf.filters().get(1).at()).isEqualTo(new Place("2.conf", 1, 2, 3));
        assertThat(conf.outputs().getFirst().at()).isEqualTo(new Place("2.conf", 1, 5, 4));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a field            | [a]                     | Truth[of=A]",
                "not a field        | ![a]                    | Not[of=Truth[of=A]]",
                "not parentheses    | ! ( [a] )               | Not[of=Truth[of=A]]",
                "equal              | [a] == \"x\"            | Compare[left=A, sign===, right=Text[text=x]]",
                "number             | [a]>=-1.5               | Compare[left=A, sign=>=, right=Number[text=-1.5]]",
                "in an array        | [a] in [\"x\", 2]       | In[left=A, right=Items[items=[Text[text=x], Number[text=2]]]]",
                "not in a field     | \"x\" not  in [a]       | Not[of=In[left=Text[text=x], right=A]]",
                "matches            | [a] =~ /x\\/y/          | Matches[left=A, regex=x\\/y]",
                "matches a text     | [a] !~ \"x\"            | Not[of=Matches[left=A, regex=x]]",
                "and before or      | [a] or [a] and ![a]     | Or[left=Truth[of=A], right=And[left=Truth[of=A], right=Not[of=Truth[of=A]]]]",
                "parentheses        | ([a] or [a]) and [a]    | And[left=Or[left=Truth[of=A], right=Truth[of=A]], right=Truth[of=A]]",
                "nand and xor       | [a] nand [a] xor [a]    | Xor[left=Nand[left=Truth[of=A], right=Truth[of=A]], right=Truth[of=A]]",
                "no blanks          | [a]==\"x\"and[a]        | And[left=Compare[left=A, sign===, right=Text[text=x]], right=Truth[of=A]]",
            })
    void conditions_are_read(String why, String written, String condition) {
        assertThat(condition(written).toString().replace("Field[path=a]", "A")).isEqualTo(condition);
    }

    @Test
    void what_binds_oddly_in_Logstash_does_so_here_and_is_told() {
        var read = result("filter { if [a] or [b] and [c] and [d] or [e] { drop {} } }");
        var condition = ((Conf.Branch) read.conf().filters().getFirst())
                .arms()
                .getFirst()
                .condition()
                .orElseThrow();
        assertThat(condition)
                .isInstanceOfSatisfying(
                        Condition.Or.class,
                        or -> assertThat(or.right())
                                .isInstanceOfSatisfying(
                                        Condition.And.class,
                                        and -> assertThat(and.right()).isInstanceOf(Condition.Or.class)));
        assertThat(read.remarks())
                .singleElement()
                .satisfies(remark -> assertThat(remark.text()).contains("odd way"));
        assertThat(result("filter { if [a] or [b] and [c] or [e] { drop {} } }").remarks())
                .isEmpty();
    }

    @Test
    void an_array_of_one_is_what_was_meant_and_is_told() {
        var read = result("filter { if [a] in [\"x\"] { drop {} } }");
        var condition = ((Conf.Branch) read.conf().filters().getFirst())
                .arms()
                .getFirst()
                .condition()
                .orElseThrow();
        assertThat(condition).isEqualTo(new Condition.In(A, new Operand.Items(List.of(new Operand.Text("x")))));
        assertThat(read.remarks())
                .singleElement()
                .satisfies(remark -> assertThat(remark.text()).contains("never holds"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nothing                | `# only a comment`               | 1:1  | there is no section in it",
                "no section             | `server { }`                     | 1:1  | \"server\" is no section",
                "a brace at the top     | `input { } }`                    | 1:11 | a section is due",
                "no brace               | `input beats`                    | 1:7  | { is due after input",
                "a brace that is open   | `filter {¶  mutate {`            | 2:11 | the text ends where a } is due",
                "no arrow               | `filter { mutate { a \"b\" } }`  | 1:21 | => is due after the option",
                "no value               | `filter { mutate { a => } }`     | 1:24 | a value is due",
                "a comma after a value  | `filter { m { a => 1, b => 2 } }` | 1:20 | only the values of an array have commas",
                "a comma at the end     | `filter { m { a => [1,] } }`     | 1:21 | leave the comma away",
                "no comma in an array   | `filter { m { a => [1 2] } }`    | 1:22 | a comma or ] is due",
                "a quote that is open   | `filter { m { a => \"b } }`      | 1:19 | the closing quote of this text is missing",
                "a key twice            | `filter { m { a => { k1 => 1 k1 => 2 } } }` | 1:29 | stands twice",
                "a word with a dash     | `filter { m { a => utf-8 } }`    | 1:19 | write it in quotes",
                "a number with a unit   | `filter { m { a => 5m } }`       | 1:19 | this is no number",
                "a single =             | `filter { if [a] = 1 { } }`      | 1:17 | write == to compare",
                "a bare word            | `filter { if a == 1 { } }`       | 1:13 | \"a\" is no value; write a field as [a]",
                "no field before =~     | `filter { if \"x\" =~ /y/ { } }` | 1:13 | a field is due before =~",
                "no regex               | `filter { if [a] =~ 5 { } }`     | 1:20 | a regular expression is due",
                "no in                  | `filter { if [a] not [b] { } }`  | 1:21 | in is due after not",
                "no end                 | `filter { if ([a] { } }`          | 1:18 | ) is due, or and, or",
                "else if without        | `filter { if [a] { } else if { } }` | 1:29 | a field such as [level]",
                "! before a text        | `filter { if !\"x\" { } }`       | 1:14 | ( or a field is due after !",
            })
    void what_is_no_pipeline_is_told_with_its_place(String why, String text, String place, String message) {
        var problem = bad(text.replace('¶', '\n'));
        assertThat(problem.where()).isEqualTo("x.conf:" + place);
        assertThat(problem.what()).contains(message);
        assertThat(problem.mend()).startsWith("It is here:\n").endsWith("^");
    }

    @Test
    void the_caret_stands_under_the_place() {
        assertThat(bad("filter {\n\tmutate { a => }\n}").mend())
                .isEqualTo("It is here:\n    \tmutate { a => }\n    \t              ^");
    }

    @Test
    void a_long_line_is_cut_around_the_place() {
        var problem = bad("filter { m { a => \"" + "x".repeat(5_000) + "\" ! } }");
        assertThat(problem.mend().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThan(200));
        assertThat(problem.mend()).contains("\" ! } }");
    }

    @Test
    void depth_and_length_are_bounded() {
        var deep = "filter { m { a => " + "[".repeat(200) + "]".repeat(200) + " } }";
        assertThat(bad(deep).what()).contains("deeper than 100 levels");
        assertThat(bad("filter { if " + "(".repeat(200) + "[a]" + ")".repeat(200) + " { } }")
                        .what())
                .contains("deeper than 100 levels");
        assertThat(bad("#" + "x".repeat(9 << 20)).what()).contains("convert fewer files");
    }

    @Test
    void the_end_of_lines_may_be_of_Windows_and_a_mark_may_stand_first() {
        assertThat(names(read("\uFEFFfilter {\r\n  f {\r\n a => 1\r\n }\r\n}\r\n")
                        .filters()))
                .containsExactly("f");
    }

    private static Conf.Condition condition(String written) {
        return ((Conf.Branch) read("filter { if " + written + " { drop {} } }")
                        .filters()
                        .getFirst())
                .arms()
                .getFirst()
                .condition()
                .orElseThrow();
    }

    private static Plugin plugin(String options) {
        return (Plugin) read("filter { some { " + options + " } }").filters().getFirst();
    }

    private static Value value(Plugin plugin, String option) {
        return plugin.options().stream()
                .filter(each -> each.name().equals(option))
                .findFirst()
                .orElseThrow()
                .value();
    }

    private static List<String> names(List<Conf.Statement> statements) {
        return statements.stream().map(each -> ((Plugin) each).name()).toList();
    }

    private static Conf read(String text) {
        return result(text).conf();
    }

    private static ConfReader.Result result(String text) {
        return ConfReader.read(List.of(new ConfReader.Source("x.conf", text))).orElse(problems -> {
            throw new AssertionError(problems.toString());
        });
    }

    private static Conf good(Read<ConfReader.Result> read) {
        return read.orElse(problems -> {
                    throw new AssertionError(problems.toString());
                })
                .conf();
    }

    private static Problem bad(String text) {
        return ConfReader.read(List.of(new ConfReader.Source("x.conf", text)))
                .problems()
                .getFirst();
    }
}
