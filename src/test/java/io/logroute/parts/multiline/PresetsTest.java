package io.logroute.parts.multiline;

import static org.assertj.core.api.Assertions.assertThat;

import io.logroute.flow.Event;
import io.logroute.flow.Json;
import io.logroute.flow.Taking;
import io.logroute.spec.ByteSize;
import io.logroute.spec.FilterSpec;
import io.logroute.spec.FilterSpec.Preset;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What programs write when they fail, as it comes line by line. A line `~` stands where one event
/// ends and the next begins.
class PresetsTest {
    static Stream<Arguments> traces() {
        return Stream.of(
                trace(Preset.JAVA, "logged, with causes, suppressed ones and what is left out", """
                        2026-11-29 10:00:00,123 INFO  [main] c.s.Shop - started
                        ~
                        2026-11-29 10:00:01,000 ERROR [http-1] c.s.Cart - it failed
                        com.shop.CartException: cannot add tea
                        \tat com.shop.Cart.add(Cart.java:42)
                        \tat com.shop.Cart.lambda$all$0(Cart.java:50) ~[app.jar:1.2.3]
                        \tat java.base/java.util.ArrayList.forEach(ArrayList.java:1596)
                        \tat app//com.shop.Main.main(Main.java)
                        \tSuppressed: java.io.IOException: close
                        \t\tat com.shop.Stock.close(Stock.java:7)
                        \t\t... 3 more
                        \tCaused by: java.lang.IllegalStateException
                        \t\t... 5 more
                        Caused by: java.sql.SQLException: gone
                        \tat org.db.Driver.connect(Driver.java:100)
                        \t... 12 common frames omitted
                        ~
                        2026-11-29 10:00:02,000 INFO  [http-1] c.s.Cart - next
                        """),
                trace(Preset.JAVA, "printed by the JVM, two in a row", """
                        Exception in thread "main" java.lang.NoClassDefFoundError: com/shop/Cart
                        \tat com.shop.Main.main(Main.java:3)
                        Caused by: java.lang.ClassNotFoundException: com.shop.Cart
                        \t... 1 more
                        ~
                        java.lang.OutOfMemoryError: Java heap space
                        \tat com.shop.Main.main(Main.java:9)
                        ~
                        java.lang.OutOfMemoryError
                        \tat com.shop.Main.main(Main.java:9)
                        ~
                        done
                        """),
                trace(Preset.JAVA, "the root cause first, and a reference in a circle", """
                        ERROR it failed
                        java.sql.SQLException: gone
                        \tat org.db.Driver.connect(Driver.java:100)
                        Wrapped by: com.shop.CartException: cannot add
                        \tat com.shop.Cart.add(Cart.java:42)
                        Caused by: [CIRCULAR REFERENCE: java.sql.SQLException: gone]
                        ~
                        WARN again
                        """),
                trace(Preset.JAVA, "lines that look a little like it", """
                        java.version=25.0.1
                        ~
                        com.shop.Cart: hello
                        ~
                        at the end
                        ~
                        Error: no such file
                        ~
                        shop.web.1: started
                        """.replace(
                                "com.shop.Cart: hello", "com.shop.cart: hello")),
                trace(Preset.PYTHON, "logged, during handling, direct cause", """
                        INFO:shop:started
                        ~
                        ERROR:shop:it failed
                        Traceback (most recent call last):
                          File "/app/cart.py", line 42, in add
                            item = stock[name]
                                   ~~~~~^^^^^^
                        KeyError: 'tea'

                        During handling of the above exception, another exception occurred:

                        Traceback (most recent call last):
                          File "/app/cart.py", line 44, in add
                            raise OutOfStock(name)
                        shop.errors.OutOfStock: tea

                        The above exception was the direct cause of the following exception:

                        Traceback (most recent call last):
                          File "/app/web.py", line 7, in post
                            cart.add("tea")
                          [Previous line repeated 990 more times]
                        RuntimeError
                        ~
                        INFO:shop:next
                        """),
                trace(Preset.PYTHON, "not logged, two in a row, and a wrong program", """
                        Traceback (most recent call last):
                          File "<stdin>", line 1, in <module>
                        ZeroDivisionError: division by zero
                        ~
                        Traceback (most recent call last):
                          File "/app/web.py", line 3, in <module>
                            import cart
                          File "/app/cart.py", line 1
                            def add(:
                                    ^
                        SyntaxError: invalid syntax
                        ~
                        2026-11-29 10:00:00 INFO next
                        """),
                trace(Preset.PYTHON, "an exception group", """
                        ERROR all of them
                          + Exception Group Traceback (most recent call last):
                          |   File "/app/a.py", line 1, in <module>
                          | ExceptionGroup: two (2 sub-exceptions)
                          +-+---------------- 1 ----------------
                            | ValueError: 1
                            +---------------- 2 ----------------
                            | TypeError: 2
                            +------------------------------------
                        ~
                        INFO next
                        """),
                trace(Preset.PYTHON, "what a library adds", """
                        Traceback (most recent call last):
                          File "/app/db.py", line 9, in q
                        sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table: t
                        [SQL: SELECT 1 FROM t]
                        (Background on this error at: https://sqlalche.me/e/20/e3q8)
                        ~
                        next
                        """),
                trace(Preset.GO, "a panic with all goroutines", """
                        2026/11/29 10:00:00 started
                        ~
                        panic: runtime error: index out of range [5] with length 3 [recovered]
                        \tpanic: again
                        [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a1b2c]

                        goroutine 1 [running]:
                        main.add({0xc000012345, 0x3, 0x3}, 0x5)
                        \t/app/cart.go:42 +0x1d
                        main.(*Cart).All.func1(...)
                        \t/app/cart.go:50
                        panic({0x4b2f20?, 0xc0000b4018?})
                        \t/usr/local/go/src/runtime/panic.go:785 +0x132
                        main.main()
                        \t/app/main.go:9 +0x25

                        goroutine 18 [select, 2 minutes, locked to thread]:
                        net/http.(*persistConn).writeLoop(0xc0001a2000)
                        \t/usr/local/go/src/net/http/transport.go:2458 +0xf5
                        created by net/http.(*Transport).dialConn in goroutine 7
                        \t/usr/local/go/src/net/http/transport.go:1800 +0x1585
                        ...additional frames elided...
                        exit status 2
                        ~
                        2026/11/29 10:00:05 started
                        """),
                trace(Preset.GO, "a server that goes on, and a deadlock", """
                        2026/11/29 10:00:00 http: panic serving 10.0.0.7:51234: boom
                        goroutine 34 [running]:
                        net/http.(*conn).serve.func1()
                        \t/usr/local/go/src/net/http/server.go:1947 +0xbe
                        ~
                        2026/11/29 10:00:01 next (really)
                        ~
                        fatal error: all goroutines are asleep - deadlock!

                        goroutine 1 [chan receive]:
                        main.main()
                        \t/app/main.go:5 +0x1e
                        ~
                        bye
                        """),
                trace(Preset.RUBY, "not rescued, with a cause", """
                        I, [2026-11-29T10:00:00.0 #1]  INFO -- : started
                        ~
                        cart.rb:42:in 'Cart#add': no tea (OutOfStock)
                        \tfrom shop.rb:7:in 'block in <main>'
                        \tfrom <internal:kernel>:187:in 'loop'
                        \t ... 10 levels...
                        cart.rb:40:in 'Hash#fetch': key not found: :tea (KeyError)
                        \tfrom cart.rb:40:in 'Cart#find'
                        ~
                        I, [2026-11-29T10:00:01.0 #1]  INFO -- : next
                        ~
                        shop.rb:1:in `<main>': unhandled exception
                        \tfrom shop.rb:1:in `<main>'
                        """),
                trace(Preset.RUBY, "logged by Logger, Rails, and a thread", """
                        E, [2026-11-29T10:00:00.0 #1] ERROR -- : no tea (OutOfStock)
                        /app/cart.rb:42:in `add'
                        /app/shop.rb:7:in `block in call'
                        ~
                        F, [2026-11-29T10:00:01.0 #1] FATAL -- : next
                        ~
                        ActionView::Template::Error (undefined method 'name' for nil):
                            1: <p>
                            2: <%= item.name %>

                        app/views/cart/show.html.erb:2:in `_app_views_cart'
                        app/controllers/cart.rb:7:in `show'
                        ~
                        #<Thread:0x00007f1b cart.rb:3 run> terminated with exception (report_on_exception is true):
                        cart.rb:3:in 'block in <main>': boom (RuntimeError)
                        \tfrom cart.rb:3:in 'Integer#times'
                        ~
                        done
                        """),
                trace(Preset.DOTNET, "logged, inner exceptions, asynchronous frames", """
                        [10:00:00 INF] started
                        ~
                        [10:00:01 ERR] it failed
                        System.InvalidOperationException: no tea
                         ---> System.IO.IOException: closed
                         ---> System.Net.Sockets.SocketException (111): Connection refused
                           at Shop.Stock.Open(String name) in /app/Stock.cs:line 7
                           --- End of inner exception stack trace ---
                           at Shop.Stock.Find()
                           --- End of inner exception stack trace ---
                           at Shop.Cart.<AddAsync>d__3.MoveNext() in /app/Cart.cs:line 42
                        --- End of stack trace from previous location ---
                           at System.Runtime.CompilerServices.TaskAwaiter.GetResult()
                           at Shop.Program.Main()
                        ~
                        [10:00:02 INF] next
                        """),
                trace(Preset.DOTNET, "not handled, and several inner ones", """
                        Unhandled exception. System.AggregateException: One or more errors occurred. (a) (b)
                         ---> System.ArgumentException: a
                           at Shop.A()
                           --- End of inner exception stack trace ---
                           at Shop.Program.Main()
                         ---> (Inner Exception #1) System.FormatException: b
                           at Shop.B()<---

                        ~
                        System.Exception: another
                           at Shop.C()
                        ~
                        System.Exception: and another
                           at Shop.C()
                        """),
                trace(Preset.DOTNET, "the console of Microsoft", """
                        info: Microsoft.Hosting.Lifetime[14]
                              Now listening on: http://localhost:5000
                        ~
                        fail: Shop.Cart[0]
                              it failed
                              System.InvalidOperationException: no tea
                                 at Shop.Cart.Add() in /app/Cart.cs:line 42
                        ~
                        info: Shop.Cart[0]
                              next
                        """));
    }

    private static Arguments trace(Preset preset, String why, String text) {
        return Arguments.of(preset, why, text);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("traces")
    void a_trace_is_one_event(Preset preset, String why, String text) {
        var events = events(text);
        var taking = new Taking();
        var multiline = multiline(preset);
        long seq = 0;
        for (var event : events) {
            for (var line : event.split("\n", -1)) {
                multiline.apply(line("c1", line, seq++), taking);
            }
        }
        multiline.flush(taking);
        assertThat(taking.released).extracting(released -> released.get("msg")).containsExactlyElementsOf(events);
        assertThat(taking.held).isEqualTo(events.size());
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("traces")
    void two_containers_write_at_the_same_time(Preset preset, String why, String text) {
        var lines = events(text).stream()
                .flatMap(event -> Arrays.stream(event.split("\n", -1)))
                .toList();
        var taking = new Taking();
        var multiline = multiline(preset);
        long seq = 0;
        for (int i = 0; i < lines.size() + 3; i++) {
            if (i < lines.size()) {
                multiline.apply(line("c1", lines.get(i), seq++), taking);
            }
            if (i >= 3) {
                multiline.apply(line("c2", lines.get(i - 3), seq++), taking);
            }
        }
        multiline.flush(taking);
        for (var container : List.of("c1", "c2")) {
            assertThat(taking.released)
                    .filteredOn(event -> container.equals(event.get("container_id")))
                    .extracting(event -> event.get("msg"))
                    .containsExactlyElementsOf(events(text));
        }
    }

    private static List<String> events(String text) {
        return Arrays.asList(text.substring(0, text.length() - 1).split("\n~\n", -1));
    }

    static Event line(String container, String text, long seq) {
        var json = "{\"container_id\":\"%s\",\"msg\":%s}".formatted(container, Json.write(text));
        var bytes = json.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return Event.of(bytes, 0, bytes.length, seq, Instant.EPOCH.plusMillis(seq));
    }

    private static Multiline multiline(Preset preset) {
        return new Multiline(new FilterSpec.Multiline(
                Optional.of(preset),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(1),
                500,
                new ByteSize(256 << 10),
                Optional.empty()));
    }
}
