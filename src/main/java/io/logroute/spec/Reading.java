package io.logroute.spec;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What one file gave: the documents that are good, and those that are not with all their
/// problems. One broken document does not take the others with it.
public record Reading(List<Located> documents, List<Broken> broken) {
    /// A router or sink that a document names.
    ///
    /// @param kind `LogRouter`, or `LogSink` for sinks and relays, which share their names
    /// @param where the place of the name
    /// @param labels whose labels name it, where it is no document that does
    public record Naming(String kind, Name name, String where, Optional<Located.FromLabels> labels) {
        /// By a document.
        public Naming(String kind, Name name, String where) {
            this(kind, name, where, Optional.empty());
        }
    }

    /// A document with problems; kind and name where they could be made out.
    ///
    /// @param names what it names, as far as that could be read
    /// @param labels whose labels it was read from, where it was not written as a document
    public record Broken(
            Optional<String> kind,
            Optional<Name> name,
            List<Problem> problems,
            List<Naming> names,
            Optional<Located.FromLabels> labels) {
        public Broken {
            problems = List.copyOf(problems);
            names = List.copyOf(names);
        }

        /// One that was written as a document.
        public Broken(Optional<String> kind, Optional<Name> name, List<Problem> problems, List<Naming> names) {
            this(kind, name, problems, names, Optional.empty());
        }

        /// One that names nothing.
        public Broken(Optional<String> kind, Optional<Name> name, List<Problem> problems) {
            this(kind, name, problems, List.of());
        }
    }

    public Reading {
        documents = List.copyOf(documents);
        broken = List.copyOf(broken);
    }

    /// Every problem once, in the order of the file.
    public List<Problem> problems() {
        return broken.stream()
                .flatMap(each -> each.problems().stream())
                .distinct()
                .toList();
    }

    /// This and another file's, together.
    public Reading and(Reading other) {
        return new Reading(
                Stream.concat(documents.stream(), other.documents.stream()).toList(),
                Stream.concat(broken.stream(), other.broken.stream()).toList());
    }

    /// Those of several files, together.
    public static Reading of(List<Reading> all) {
        return new Reading(
                all.stream().flatMap(each -> each.documents().stream()).toList(),
                all.stream().flatMap(each -> each.broken().stream()).toList());
    }

    /// The same as a value or problems.
    public Read<List<Located>> asRead() {
        return broken.isEmpty() ? new Read.Good<>(documents) : new Read.Bad<>(problems());
    }
}
