package io.logroute.parts.listen;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// What is written to the log, at `warning` and above, while this is open.
final class Words implements AutoCloseable {
    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Logger root = Logger.getLogger("");
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord each) {
            if (each.getLevel().intValue() >= Level.WARNING.intValue()
                    && String.valueOf(each.getLoggerName()).startsWith(Words.class.getPackageName())) {
                said.add(each.getMessage() + " "
                        + List.of(each.getParameters() == null ? new Object[0] : each.getParameters()));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    Words() {
        root.addHandler(handler);
    }

    List<String> said() {
        return List.copyOf(said);
    }

    @Override
    public void close() {
        root.removeHandler(handler);
    }
}
