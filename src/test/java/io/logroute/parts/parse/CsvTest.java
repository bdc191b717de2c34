package io.logroute.parts.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.spec.ParseSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "values                     ~ x,y,z             ~ {'a':'x','b':'y','c':'z'}",
                "blanks belong to values    ~ x, y ,z           ~ {'a':'x','b':' y ','c':'z'}",
                "numbers stay text          ~ 1,2.5,true        ~ {'a':'1','b':'2.5','c':'true'}",
                "empty values               ~ x,,z              ~ {'a':'x','b':'','c':'z'}",
                "an empty value at last     ~ x,y,              ~ {'a':'x','b':'y','c':''}",
                "fewer than named           ~ x                 ~ {'a':'x'}",
                "more than named            ~ x,y,z,u,v         ~ {'a':'x','b':'y','c':'z','column4':'u','column5':'v'}",
                "quoted                     ~ \"x,y\",z         ~ {'a':'x,y','b':'z'}",
                "quoted and empty           ~ \"\",y            ~ {'a':'','b':'y'}",
                "a quote written twice      ~ \"x \"\"y\"\" z\",u ~ {'a':'x \\'y\\' z','b':'u'}",
                "only quotes                ~ \"\"\"\"          ~ {'a':'\\''}",
                "a line end in quotes       ~ `\"x\ny\",z`      ~ {'a':'x\\ny','b':'z'}",
                "a line end at last         ~ `x,y\r\n`         ~ {'a':'x','b':'y'}",
                "many line ends at last     ~ `x,y\n\r\n\n`      ~ {'a':'x','b':'y'}",
                "a second line              ~ `x,y\nu,v,w`       ~ ! column 2 has a line end in it and no quotes around it",
                "an empty line before       ~ `\nx,y`            ~ ! column 1 has a line end in it and no quotes around it",
                "lines of quotes            ~ `\"x\"\n\"y\"`         ~ ! column 1 goes on behind its closing quote",
                "a line behind quotes       ~ `\"x\ny\",z\nu`      ~ ! column 2 has a line end in it and no quotes around it",
                "a quote not closed         ~ x,\"y,z           ~ ! column 2 opens a quote and does not close it",
                "a quote twice, not closed  ~ \"x\"\"           ~ ! column 1 opens a quote and does not close it",
                "more behind a quote        ~ \"x\"y,z          ~ ! column 1 goes on behind its closing quote",
                "a quote inside             ~ x,y\"y\",z        ~ ! column 2 has a quote in it that it does not begin with",
                "a blank before a quote     ~ x, \"y\"          ~ ! column 2 has a quote in it that it does not begin with",
                "nothing                    ~ ``                ~ ! it is empty",
                "only a line end            ~ `\n`              ~ ! it is empty",
            })
    void lines(String why, String text, String expected) {
        assertThat(read(text, ",", "\"", false)).as(why).isEqualTo(expected);
    }

    @Test
    void another_separator() {
        assertThat(read("x;y,z;u", ";", "\"", false)).isEqualTo("{'a':'x','b':'y,z','c':'u'}");
        assertThat(read("x\ty z\tu", "\\t", "\"", false)).isEqualTo("{'a':'x','b':'y z','c':'u'}");
        assertThat(read("x \"y z\"", " ", "\"", false)).isEqualTo("{'a':'x','b':'y z'}");
    }

    @Test
    void another_quote() {
        assertThat(read("'x,y',\"z\"", ",", "'", false)).isEqualTo("{'a':'x,y','b':'\\'z\\''}");
    }

    @Test
    void empty_columns_are_left_away_when_it_is_told_to() {
        assertThat(read("x,,\"\",,y", ",", "\"", true)).isEqualTo("{'a':'x','column5':'y'}");
    }

    @Test
    void a_line_has_a_thousand_columns_at_most() {
        assertThat(read("x" + ",".repeat(999), ",", "\"", true)).isEqualTo("{'a':'x'}");
        assertThat(read("x" + ",".repeat(1_000), ",", "\"", true)).isEqualTo("! it has more than 1,000 columns");
        assertThat(read(",".repeat(1_000_000), ",", "\"", false)).isEqualTo("! it has more than 1,000 columns");
    }

    @Test
    void a_quote_behind_other_columns_is_found_where_it_stands() {
        assertThat(read("x,y,\"z\",u\"", ",", "\"", false))
                .isEqualTo("! column 4 has a quote in it that it does not begin with");
        assertThat(read("\"x\",y,z\n\"", ",", "\"", false))
                .isEqualTo("! column 3 has a quote in it that it does not begin with");
    }

    @Test
    void columns_may_be_fields_in_objects() {
        var how = new ParseSpec.Csv(Reads.LINE, List.of("[http][status]", "http.method"), ",", "\"", false, Reads.OUT);
        assertThat(Reads.of(how, "200,GET")).isEqualTo("{'http':{'status':'200','method':'GET'}}");
    }

    private static String read(String text, String separator, String quote, boolean skipEmpty) {
        return Reads.of(
                new ParseSpec.Csv(Reads.LINE, List.of("a", "b", "c"), separator, quote, skipEmpty, Reads.OUT), text);
    }
}
