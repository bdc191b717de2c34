package io.logroute.face.convert;

import io.logroute.face.convert.Conf.Arm;
import io.logroute.face.convert.Conf.Branch;
import io.logroute.face.convert.Conf.Condition;
import io.logroute.face.convert.Conf.Entry;
import io.logroute.face.convert.Conf.Operand;
import io.logroute.face.convert.Conf.Option;
import io.logroute.face.convert.Conf.Plugin;
import io.logroute.face.convert.Conf.Statement;
import io.logroute.face.convert.Conf.Value;
import io.logroute.spec.FieldPath;
import io.logroute.spec.Problem;
import io.logroute.spec.Read;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// Reads the text of `.conf` files, by the grammar of Logstash 8. Several files are one text, as
/// Logstash joins those of a folder: a section may even begin in one and end in the next.
///
/// Bounds: [#MOST_CHARACTERS] of text, [#DEEPEST] levels of braces, brackets and parentheses.
public final class ConfReader {
    static final int MOST_CHARACTERS = 8 << 20;
    static final int DEEPEST = 100;

    private static final String INDENT = "    ";
    private static final int WIDEST = 160;

    /// A file, or what else a text came from.
    public record Source(String name, String text) {}

    /// What the text is instead of a pipeline.
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        private final int where;

        Wrong(int where, String what) {
            super(what);
            this.where = where;
        }
    }

    private final List<Source> sources;
    /// Where each source begins in `text`.
    private final int[] begins;
    private final String text;
    private int at;
    private int depth;
    /// Where the current file was last asked for, since places are asked for in order.
    private int lastStart;
    private int lastLine = 1;
    private int lastFile;
    /// Notes on conditions that Logstash takes otherwise than they look.
    private final List<Remark> remarks = new ArrayList<>();

    private ConfReader(List<Source> sources) {
        this.sources = List.copyOf(sources);
        this.begins = new int[sources.size()];
        var all = new StringBuilder();
        for (int i = 0; i < begins.length; i++) {
            begins[i] = all.length();
            all.append(sources.get(i).text()).append('\n');
        }
        this.text = all.toString();
    }

    /// What was read, and what is odd about it.
    public record Result(Conf conf, List<Remark> remarks) {
        public Result {
            remarks = List.copyOf(remarks);
        }
    }

    /// The pipeline that all of them are together, or the first place where they are none.
    public static Read<Result> read(List<Source> sources) {
        var reader = new ConfReader(sources);
        try {
            var conf = reader.conf();
            return new Read.Good<>(new Result(conf, reader.remarks));
        } catch (Wrong wrong) {
            return new Read.Bad<>(List.of(reader.problem(wrong)));
        }
    }

    // Sections and statements

    private Conf conf() throws Wrong {
        if (text.length() > MOST_CHARACTERS) {
            throw new Wrong(
                    0, "the text has more than %d characters; convert fewer files at once".formatted(MOST_CHARACTERS));
        }
        var inputs = new ArrayList<Statement>();
        var filters = new ArrayList<Statement>();
        var outputs = new ArrayList<Statement>();
        skip();
        boolean any = false;
        while (at < text.length()) {
            int start = at;
            var word = word();
            var section = switch (word) {
                case "input" -> inputs;
                case "filter" -> filters;
                case "output" -> outputs;
                default ->
                    throw new Wrong(
                            start,
                            word.isEmpty()
                                    ? "a section is due; write input, filter or output, and { after it"
                                    : "\"%s\" is no section; write input, filter or output".formatted(word));
            };
            skip();
            expect('{', "{ is due after " + word);
            section.addAll(statements());
            any = true;
            skip();
        }
        if (!any) {
            throw new Wrong(0, "there is no section in it; write input { }, filter { } and output { }");
        }
        return new Conf(inputs, filters, outputs);
    }

    /// All up to the brace that closes them, and that.
    private List<Statement> statements() throws Wrong {
        deeper();
        var found = new ArrayList<Statement>();
        skip();
        while (!next('}')) {
            if (at >= text.length()) {
                throw new Wrong(at, "the text ends where a } is due");
            }
            found.add(statement());
            skip();
        }
        at++;
        depth--;
        return found;
    }

    private Statement statement() throws Wrong {
        int start = at;
        if (nextWord("if")) {
            at += 2;
            skip();
            if (!next('{') && !next('=')) {
                return branch(start);
            }
            at = start;
        }
        return plugin();
    }

    private Branch branch(int start) throws Wrong {
        var arms = new ArrayList<Arm>();
        arms.add(arm(start, true));
        while (true) {
            int before = at;
            skip();
            if (!nextWord("else")) {
                at = before;
                return new Branch(place(start), arms);
            }
            int elseStart = at;
            at += 4;
            skip();
            boolean again = nextWord("if");
            if (again) {
                at += 2;
                skip();
            }
            arms.add(arm(elseStart, again));
            if (!again) {
                return new Branch(place(start), arms);
            }
        }
    }

    private Arm arm(int start, boolean conditional) throws Wrong {
        Optional<Condition> condition = Optional.empty();
        var words = "else";
        if (conditional) {
            int from = at;
            condition = Optional.of(condition());
            words = text.substring(from, at).strip().replaceAll("\\s+", " ");
            skip();
        }
        expect('{', conditional ? "{ is due after the condition, or and, or, xor, nand" : "{ is due after else");
        var place = place(start);
        return new Arm(place, condition, words, statements());
    }

    private Plugin plugin() throws Wrong {
        int start = at;
        var name = name("the name of a plugin, or if, is due");
        skip();
        expect('{', "{ is due after the name \"%s\"".formatted(shown(name)));
        return new Plugin(place(start), name, options());
    }

    private List<Option> options() throws Wrong {
        deeper();
        var found = new LinkedHashMap<String, Option>();
        skip();
        while (!next('}')) {
            if (at >= text.length()) {
                throw new Wrong(at, "the text ends where a } is due");
            }
            int start = at;
            var name = name("the name of an option, or }, is due");
            skip();
            arrow("option");
            var option = new Option(place(start), name, value());
            var before = found.get(name);
            found.put(
                    name,
                    before == null ? option : new Option(before.at(), name, merged(before.value(), option.value())));
            apart("}");
        }
        at++;
        depth--;
        return List.copyOf(found.values());
    }

    /// Options that stand twice: hashes and arrays are joined, others become an array.
    private static Value merged(Value first, Value second) {
        if (first instanceof Value.Table(var some) && second instanceof Value.Table(var more)) {
            var entries = new LinkedHashMap<String, Entry>();
            some.forEach(entry -> entries.put(entry.key(), entry));
            more.forEach(entry -> entries.merge(
                    entry.key(), entry, (a, b) -> new Entry(a.at(), a.key(), merged(a.value(), b.value()))));
            return new Value.Table(List.copyOf(entries.values()));
        }
        var all = new ArrayList<Value>();
        all.addAll(first instanceof Value.Items(var items) ? items : List.of(first));
        all.addAll(second instanceof Value.Items(var items) ? items : List.of(second));
        return all.size() == 2 && first.equals(second) ? first : new Value.Items(all);
    }

    // Values

    private Value value() throws Wrong {
        skip();
        if (at >= text.length()) {
            throw new Wrong(at, "the text ends where a value is due");
        }
        int start = at;
        char c = text.charAt(at);
        if (c == '[') {
            return items();
        }
        if (c == '{') {
            return table();
        }
        if (c == '"' || c == '\'' || isName(c)) {
            var name = name("a value is due");
            int end = at;
            skip();
            if (next('{')) {
                at++;
                return new Value.Nested(new Plugin(place(start), name, options()));
            }
            at = end;
            if (c == '"' || c == '\'') {
                return new Value.Text(name, true);
            }
            return plainValue(start, name);
        }
        throw new Wrong(at, "a value is due: text in quotes, a number, [ ], { } or a plugin");
    }

    private Value plainValue(int start, String name) throws Wrong {
        boolean number = Character.isDigit(name.charAt(0)) || name.length() > 1 && name.charAt(0) == '-';
        if (number) {
            at = start;
            return new Value.Number(number());
        }
        if (name.indexOf('-') >= 0) {
            throw new Wrong(start, "\"%s\" has a - in it; write it in quotes".formatted(shown(name)));
        }
        if (name.length() < 2) {
            throw new Wrong(start, "\"%s\" is one letter; write it in quotes".formatted(name));
        }
        return new Value.Text(name, false);
    }

    private Value items() throws Wrong {
        deeper();
        at++;
        var found = new ArrayList<Value>();
        skip();
        while (!next(']')) {
            found.add(value());
            skip();
            if (next(',')) {
                int comma = at;
                at++;
                skip();
                if (next(']')) {
                    throw new Wrong(comma, "a value is due after the comma; leave the comma away");
                }
            } else if (!next(']')) {
                throw new Wrong(at, "a comma or ] is due");
            }
        }
        at++;
        depth--;
        return new Value.Items(found);
    }

    private Value table() throws Wrong {
        deeper();
        at++;
        var found = new ArrayList<Entry>();
        var keys = new HashSet<String>();
        skip();
        while (!next('}')) {
            if (at >= text.length()) {
                throw new Wrong(at, "the text ends where a } is due");
            }
            int start = at;
            var key = name("a key, or }, is due");
            skip();
            arrow("key");
            var place = place(start);
            found.add(new Entry(place, key, value()));
            if (!keys.add(key)) {
                throw new Wrong(
                        start, "the key \"%s\" stands twice in this hash; leave one away".formatted(shown(key)));
            }
            apart("}");
        }
        at++;
        depth--;
        return new Value.Table(found);
    }

    private void arrow(String before) throws Wrong {
        if (!text.startsWith("=>", at)) {
            throw new Wrong(at, "=> is due after the %s".formatted(before));
        }
        at += 2;
    }

    /// Options and entries have white space between them, and nothing else.
    private void apart(String end) throws Wrong {
        int before = at;
        skip();
        if (next(',')) {
            throw new Wrong(at, "there is a comma; only the values of an array have commas between them");
        }
        if (at == before && !text.startsWith(end, at) && at < text.length()) {
            throw new Wrong(at, "white space is due here");
        }
    }

    // Conditions

    private enum Joint {
        AND,
        OR,
        XOR,
        NAND
    }

    private Condition condition() throws Wrong {
        deeper();
        int start = at;
        var parts = new ArrayList<Condition>();
        var joints = new ArrayList<Joint>();
        parts.add(expression());
        while (true) {
            int before = at;
            skip();
            var joint = joint();
            if (joint == null) {
                at = before;
                break;
            }
            joints.add(joint);
            skip();
            parts.add(expression());
        }
        depth--;
        return joined(start, parts, joints);
    }

    private @org.jspecify.annotations.Nullable Joint joint() {
        for (var joint : Joint.values()) {
            var word = joint.name().toLowerCase(java.util.Locale.ROOT);
            if (nextWord(word)) {
                at += word.length();
                return joint;
            }
        }
        return null;
    }

    /// `and` and `nand` bind more than `or` and `xor`; what binds alike is taken from the right.
    ///
    /// Logstash itself goes wrong where an `or` follows two `and`s that follow an `or`: it puts the
    /// parentheses elsewhere. What it does counts; there is a remark where that is not what the line
    /// seems to say.
    private Condition joined(int start, List<Condition> parts, List<Joint> joints) {
        var done = asLogstash(parts, joints);
        if (!done.equals(byRank(parts, joints))) {
            remarks.add(new Remark(
                    place(start),
                    Remark.Kind.NOTE,
                    "if",
                    "",
                    "Logstash binds the and, or of this condition in an odd way, and the specs do as it does."
                            + " Put parentheses there to say what is meant."));
        }
        return done;
    }

    private static int rank(Joint joint) {
        return joint == Joint.AND || joint == Joint.NAND ? 2 : 1;
    }

    private static Condition asLogstash(List<Condition> parts, List<Joint> joints) {
        var values = new ArrayList<Condition>(List.of(parts.getFirst()));
        var waiting = new ArrayList<Joint>();
        for (int i = 0; i < joints.size(); i++) {
            var joint = joints.get(i);
            if (!waiting.isEmpty() && rank(waiting.getLast()) > rank(joint)) {
                join(values, waiting.removeLast());
            }
            waiting.add(joint);
            values.add(parts.get(i + 1));
        }
        while (!waiting.isEmpty()) {
            join(values, waiting.removeLast());
        }
        return values.getFirst();
    }

    private static Condition byRank(List<Condition> parts, List<Joint> joints) {
        var values = new ArrayList<Condition>(List.of(parts.getFirst()));
        var waiting = new ArrayList<Joint>();
        for (int i = 0; i < joints.size(); i++) {
            var joint = joints.get(i);
            while (!waiting.isEmpty() && rank(waiting.getLast()) > rank(joint)) {
                join(values, waiting.removeLast());
            }
            waiting.add(joint);
            values.add(parts.get(i + 1));
        }
        while (!waiting.isEmpty()) {
            join(values, waiting.removeLast());
        }
        return values.getFirst();
    }

    private static void join(List<Condition> values, Joint joint) {
        var right = values.removeLast();
        var left = values.removeLast();
        values.add(
                switch (joint) {
                    case AND -> new Condition.And(left, right);
                    case OR -> new Condition.Or(left, right);
                    case XOR -> new Condition.Xor(left, right);
                    case NAND -> new Condition.Nand(left, right);
                });
    }

    private Condition expression() throws Wrong {
        if (next('(')) {
            return inParentheses();
        }
        if (next('!') && !text.startsWith("!=", at) && !text.startsWith("!~", at)) {
            at++;
            skip();
            if (next('(')) {
                return new Condition.Not(inParentheses());
            }
            if (next('[')) {
                return new Condition.Not(new Condition.Truth(operand()));
            }
            throw new Wrong(at, "( or a field is due after !");
        }
        int start = at;
        var left = operand();
        int end = at;
        skip();
        if (nextWord("in")) {
            at += 2;
            skip();
            return new Condition.In(left, listed(operand()));
        }
        if (nextWord("not")) {
            at += 3;
            skip();
            if (!nextWord("in")) {
                throw new Wrong(at, "in is due after not");
            }
            at += 2;
            skip();
            return new Condition.Not(new Condition.In(left, listed(operand())));
        }
        for (var sign : List.of("=~", "!~")) {
            if (text.startsWith(sign, at)) {
                at += 2;
                skip();
                return matches(start, left, sign);
            }
        }
        for (var sign : List.of("==", "!=", "<=", ">=", "<", ">")) {
            if (text.startsWith(sign, at)) {
                at += sign.length();
                skip();
                return new Condition.Compare(left, sign, operand());
            }
        }
        if (next('=')) {
            throw new Wrong(at, "a single =; write == to compare, or =~ to match");
        }
        at = end;
        return new Condition.Truth(left);
    }

    private Condition matches(int start, Operand left, String sign) throws Wrong {
        if (!(left instanceof Operand.Field)) {
            throw new Wrong(start, "a field is due before " + sign);
        }
        int place = at;
        var regex = switch (operand()) {
            case Operand.Regex(var pattern) -> pattern;
            case Operand.Text(var pattern) -> pattern;
            case Operand.Field _, Operand.Number _, Operand.Items _, Operand.Call _ ->
                throw new Wrong(place, "a regular expression is due after %s, as in /^a/".formatted(sign));
        };
        var found = new Condition.Matches(left, regex);
        return sign.equals("=~") ? found : new Condition.Not(found);
    }

    /// `["a"]` after `in` looks like an array of one, and Logstash takes it for the field `"a"`.
    private Operand listed(Operand right) {
        if (right instanceof Operand.Field(var path)
                && path.keys().size() == 1
                && path.keys().getFirst() instanceof String key
                && key.length() > 1
                && (key.startsWith("\"") && key.endsWith("\"") || key.startsWith("'") && key.endsWith("'"))) {
            remarks.add(new Remark(
                    place(at),
                    Remark.Kind.CHANGED,
                    "if",
                    "",
                    "Logstash takes [%s] for a field of that name, so that the condition never holds. The specs take it for"
                                    .formatted(key)
                            + " an array of one, which was surely meant."));
            return new Operand.Items(List.of(new Operand.Text(key.substring(1, key.length() - 1))));
        }
        return right;
    }

    private Condition inParentheses() throws Wrong {
        at++;
        skip();
        var inside = condition();
        skip();
        expect(')', ") is due, or and, or, xor, nand");
        return inside;
    }

    private Operand operand() throws Wrong {
        if (at >= text.length()) {
            throw new Wrong(at, "the text ends where a field or a value is due");
        }
        char c = text.charAt(at);
        if (c == '"' || c == '\'') {
            return new Operand.Text(quoted());
        }
        if (c == '/') {
            return new Operand.Regex(regex());
        }
        if (c == '-' || c >= '0' && c <= '9') {
            return new Operand.Number(number());
        }
        if (c == '[') {
            return fieldOrItems();
        }
        int start = at;
        var word = word();
        skip();
        if (!word.isEmpty() && next('(')) {
            call();
            return new Operand.Call(word);
        }
        throw new Wrong(
                start,
                word.isEmpty()
                        ? "a field such as [level], text in quotes or a number is due"
                        : "\"%s\" is no value; write a field as [%s], and text in quotes"
                                .formatted(shown(word), shown(word)));
    }

    private void call() throws Wrong {
        deeper();
        at++;
        skip();
        while (!next(')')) {
            operand();
            skip();
            if (next(',')) {
                at++;
                skip();
            } else if (!next(')')) {
                throw new Wrong(at, "a comma or ) is due");
            }
        }
        at++;
        depth--;
    }

    /// `[a][b]` is a field, `["a", "b"]` an array.
    private Operand fieldOrItems() throws Wrong {
        int start = at;
        var keys = new ArrayList<String>();
        while (next('[')) {
            int end = at + 1;
            while (end < text.length() && "[],".indexOf(text.charAt(end)) < 0) {
                end++;
            }
            if (end >= text.length() || text.charAt(end) != ']' || end == at + 1) {
                break;
            }
            keys.add(text.substring(at + 1, end));
            at = end + 1;
        }
        if (!keys.isEmpty()) {
            if (keys.stream().anyMatch(String::isBlank)) {
                throw new Wrong(start, "the field has an empty name");
            }
            return new Operand.Field(new FieldPath(keys));
        }
        deeper();
        at = start + 1;
        var items = new ArrayList<Operand>();
        skip();
        while (!next(']')) {
            items.add(operand());
            skip();
            if (next(',')) {
                at++;
                skip();
            } else if (!next(']')) {
                throw new Wrong(at, "a comma or ] is due");
            }
        }
        at++;
        depth--;
        return new Operand.Items(items);
    }

    // Words

    private String name(String due) throws Wrong {
        if (next('"') || next('\'')) {
            return quoted();
        }
        int start = at;
        while (at < text.length() && isName(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw new Wrong(at, at >= text.length() ? "the text ends where " + due : due);
        }
        return text.substring(start, at);
    }

    private static boolean isName(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-';
    }

    private String word() {
        int start = at;
        while (at < text.length() && isName(text.charAt(at)) && text.charAt(at) != '-') {
            at++;
        }
        return text.substring(start, at);
    }

    private String number() throws Wrong {
        int start = at;
        if (next('-')) {
            at++;
        }
        int digits = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == digits) {
            throw new Wrong(start, "a number is due");
        }
        if (next('.')) {
            at++;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
        }
        if (at < text.length() && (isName(text.charAt(at)) || next('.'))) {
            throw new Wrong(start, "this is no number; write it in quotes");
        }
        var number = text.substring(start, at);
        return number.endsWith(".") ? number + "0" : number;
    }

    /// Escapes stay as they are, as Logstash has it unless `config.support_escapes` is set.
    private String quoted() throws Wrong {
        int start = at;
        char quote = text.charAt(at);
        int end = at + 1;
        while (end < text.length() && text.charAt(end) != quote) {
            end += text.charAt(end) == '\\' && end + 1 < text.length() && text.charAt(end + 1) == quote ? 2 : 1;
        }
        if (end >= text.length()) {
            throw new Wrong(start, "the closing quote of this text is missing");
        }
        at = end + 1;
        return text.substring(start + 1, end);
    }

    private String regex() throws Wrong {
        int start = at;
        int end = at + 1;
        while (end < text.length() && text.charAt(end) != '/') {
            end += text.charAt(end) == '\\' && end + 1 < text.length() && text.charAt(end + 1) == '/' ? 2 : 1;
        }
        if (end >= text.length()) {
            throw new Wrong(start, "the closing / of this regular expression is missing");
        }
        at = end + 1;
        return text.substring(start + 1, end);
    }

    /// White space and comments.
    private void skip() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end + 1;
            } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\uFEFF') {
                at++;
            } else {
                return;
            }
        }
    }

    private boolean next(char c) {
        return at < text.length() && text.charAt(at) == c;
    }

    /// Whether that word stands here, and not only the beginning of another.
    private boolean nextWord(String word) {
        return text.startsWith(word, at)
                && (at + word.length() >= text.length() || !isName(text.charAt(at + word.length())));
    }

    private void expect(char c, String due) throws Wrong {
        if (!next(c)) {
            throw new Wrong(at, at >= text.length() ? "the text ends where " + due : due);
        }
        at++;
    }

    private void deeper() throws Wrong {
        if (++depth > DEEPEST) {
            throw new Wrong(at, "it goes deeper than %d levels; nobody reads that".formatted(DEEPEST));
        }
    }

    // Places

    private Place place(int where) {
        int file = lastFile;
        while (file + 1 < begins.length && begins[file + 1] <= where) {
            file++;
        }
        if (file != lastFile || where < lastStart) {
            while (begins[file] > where) {
                file--;
            }
            lastFile = file;
            lastStart = begins[file];
            lastLine = 1;
        }
        for (int i = text.indexOf('\n', lastStart); i >= 0 && i < where; i = text.indexOf('\n', i + 1)) {
            lastLine++;
            lastStart = i + 1;
        }
        int start = Math.max(begins[file], text.lastIndexOf('\n', where - 1) + 1);
        return new Place(sources.get(file).name(), file, lastLine, where - start + 1);
    }

    private Problem problem(Wrong wrong) {
        int where = Math.min(wrong.where, Math.max(0, text.length() - 1));
        if (begins.length == 0) {
            return new Problem("", String.valueOf(wrong.getMessage()), "Name a file.");
        }
        var place = place(where);
        int start = text.lastIndexOf('\n', where - 1) + 1;
        int end = text.indexOf('\n', where);
        var line = text.substring(start, end < 0 ? text.length() : end).replace("\r", "");
        int column = Math.min(where - start, line.length());
        if (line.length() > WIDEST) {
            int from = Math.max(0, Math.min(column - WIDEST / 2, line.length() - WIDEST));
            line = line.substring(from, from + WIDEST);
            column -= from;
        }
        var blank = new StringBuilder();
        for (char c : line.substring(0, column).toCharArray()) {
            blank.append(c == '\t' ? '\t' : ' ');
        }
        return new Problem(
                "%s:%d:%d".formatted(place.file(), place.line(), place.column()),
                String.valueOf(wrong.getMessage()),
                "It is here:\n" + INDENT + line + "\n" + INDENT + blank + "^");
    }

    private static String shown(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
