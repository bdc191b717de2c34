package io.logroute.parts.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.flow.Filter;
import io.logroute.spec.FieldPath;
import io.logroute.spec.FieldTemplate;
import io.logroute.spec.FieldValue;
import io.logroute.spec.FilterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FiltersTest {
    @Test
    void fields_are_set_in_order_and_left_alone_when_a_template_lacks_one() {
        var fields = new LinkedHashMap<FieldPath, FieldValue>();
        fields.put(FieldPath.parse("title"), new FieldValue.Text(FieldTemplate.parse("%{level}: %{msg}")));
        fields.put(FieldPath.parse("again"), new FieldValue.Text(FieldTemplate.parse("<%{title}>")));
        fields.put(FieldPath.parse("level"), new FieldValue.Text(FieldTemplate.parse("%{gone}")));
        fields.put(FieldPath.parse("n.whole"), new FieldValue.Whole(5));
        fields.put(FieldPath.parse("n.decimal"), new FieldValue.Decimal(0.5));
        fields.put(FieldPath.parse("truth"), new FieldValue.Truth(true));
        var after = through(
                new SetFields(new FilterSpec.Set(fields, Optional.empty()), Some.GIVEN),
                event("{\"@timestamp\":\"t\",\"level\":\"info\",\"msg\":\"hi\"}"));
        assertThat(after.getFirst().json())
                .isEqualTo("{\"@timestamp\":\"t\",\"level\":\"info\",\"msg\":\"hi\",\"title\":\"info: hi\","
                        + "\"again\":\"<info: hi>\",\"n\":{\"whole\":5,\"decimal\":0.5},\"truth\":true}");
    }

    @Test
    void fields_are_taken_away_and_missing_ones_do_not_matter() {
        var remove = new RemoveFields(new FilterSpec.Remove(
                List.of(
                        FieldPath.parse("a"),
                        FieldPath.parse("o.k"),
                        FieldPath.parse("gone.deeper"),
                        FieldPath.parse("x.y")),
                Optional.empty()));
        var after = through(remove, event("{\"@timestamp\":\"t\",\"a\":1,\"o\":{\"k\":1,\"l\":2},\"x.y\":3}"));
        assertThat(after.getFirst().json()).isEqualTo("{\"@timestamp\":\"t\",\"o\":{\"l\":2}}");
    }

    @Test
    void removing_nothing_leaves_the_bytes_that_came_in() {
        var remove = new RemoveFields(new FilterSpec.Remove(List.of(FieldPath.parse("gone")), Optional.empty()));
        var json = "{\"@timestamp\" : \"t\",  \"n\":1.500}";
        assertThat(through(remove, event(json)).getFirst().json()).isEqualTo(json);
    }

    @Test
    void drop_drops_those_its_condition_holds_for() {
        var drop = new OnlyWhen(event -> "/healthz".equals(event.get("path")), new Drop());
        assertThat(through(drop, event("{\"path\":\"/healthz\"}"))).isEmpty();
        var other = event("{\"path\":\"/\"}");
        assertThat(through(drop, other)).containsExactly(other);
    }

    private static Event event(String json) {
        return Event.of(json, Instant.EPOCH);
    }

    private static List<Event> through(Filter filter, Event event) {
        var after = new ArrayList<Event>();
        filter.apply(event, new Filter.Way() {
            @Override
            public void pass(Event left) {
                after.add(left);
            }

            @Override
            public void refuse(Event refused, String reason) {
                throw new AssertionError(reason);
            }
        });
        return after;
    }
}
