package io.logroute.face;

import io.logroute.face.TestCommand.Ran;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// What tests of routes gave, in the XML that JUnit made known and CI servers read: a `testsuite` for
/// each route, a `testcase` for each test, with a `failure` where it does not hold and an `error` where it
/// could not be run.
///
/// Source: the schema of Jenkins' xUnit plugin, `junit-10.xsd`.
final class JUnitReport {
    private final StringWriter text = new StringWriter();
    private final XMLStreamWriter xml;

    private JUnitReport() throws XMLStreamException {
        xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
    }

    static String of(List<Ran> ran) {
        try {
            var report = new JUnitReport();
            report.write(ran);
            return report.text.toString();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("a text takes all that is written to it", e);
        }
    }

    private void write(List<Ran> ran) throws XMLStreamException {
        xml.writeStartDocument("UTF-8", "1.0");
        line(0);
        xml.writeStartElement("testsuites");
        attribute("name", "logroute test");
        counts(ran);
        var routes = new LinkedHashMap<String, List<Ran>>();
        ran.forEach(each ->
                routes.computeIfAbsent(each.route(), _ -> new ArrayList<>()).add(each));
        for (var route : routes.entrySet()) {
            line(1);
            xml.writeStartElement("testsuite");
            attribute("name", route.getKey());
            counts(route.getValue());
            for (var each : route.getValue()) {
                testcase(each);
            }
            line(1);
            xml.writeEndElement();
        }
        line(0);
        xml.writeEndElement();
        line(0);
        xml.writeEndDocument();
        xml.flush();
    }

    private void counts(List<Ran> ran) throws XMLStreamException {
        attribute("tests", "" + ran.size());
        attribute("failures", "" + count(ran, "failed"));
        attribute("errors", "" + count(ran, "error"));
        attribute("skipped", "0");
        attribute("time", seconds(ran.stream().map(Ran::took).reduce(Duration.ZERO, Duration::plus)));
    }

    private static long count(List<Ran> ran, String outcome) {
        return ran.stream().filter(each -> each.outcome().equals(outcome)).count();
    }

    private void testcase(Ran ran) throws XMLStreamException {
        line(2);
        xml.writeStartElement("testcase");
        attribute("name", ran.name());
        attribute("classname", ran.route());
        attribute("file", ran.where().file());
        attribute("time", seconds(ran.took()));
        if (ran.cannot().isPresent()) {
            told("error", ran.cannot().get(), ran.cannot().get());
        } else if (!ran.differences().isEmpty()) {
            told("failure", ran.differences().getFirst().what(), whole(ran));
        }
        if (!ran.holds()) {
            line(2);
        }
        xml.writeEndElement();
    }

    private static String whole(Ran ran) {
        return ran.differences().stream()
                .map(each -> "%s  (%s)%s"
                        .formatted(
                                each.what(),
                                ran.place(each),
                                each.details().stream()
                                        .map(detail -> "\n  " + detail)
                                        .collect(Collectors.joining())))
                .collect(Collectors.joining("\n"));
    }

    private void told(String element, String message, String whole) throws XMLStreamException {
        line(3);
        xml.writeStartElement(element);
        attribute("message", message);
        attribute("type", "LogRouteTest");
        xml.writeCharacters(allowed(whole));
        xml.writeEndElement();
    }

    private void attribute(String name, String value) throws XMLStreamException {
        xml.writeAttribute(name, allowed(value));
    }

    private void line(int level) throws XMLStreamException {
        xml.writeCharacters("\n" + "  ".repeat(level));
    }

    private static String seconds(Duration took) {
        return String.format(Locale.ROOT, "%.3f", took.toNanos() / 1e9);
    }

    /// XML 1.0 has no way to write some characters; `?` stands for them.
    private static String allowed(String text) {
        return text.codePoints()
                .map(c -> c == '\t'
                                || c == '\n'
                                || c == '\r'
                                || c >= 0x20 && c <= 0xd7ff
                                || c >= 0xe000 && c <= 0xfffd
                                || c >= 0x10000
                        ? c
                        : '?')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
