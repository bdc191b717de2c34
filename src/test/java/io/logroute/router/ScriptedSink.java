package io.logroute.router;

import io.logroute.flow.Batch;
import io.logroute.flow.Delivery;
import io.logroute.flow.Event;
import io.logroute.flow.Sink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// A sink that takes everything unless it is told otherwise, and remembers what it took.
final class ScriptedSink implements Sink {
    /// What it answers to one event.
    interface Answer {
        Delivery to(Event event, int write) throws IOException;
    }

    private final List<Event> taken = new ArrayList<>();
    private volatile Answer answer = (_, _) -> Delivery.delivered();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile boolean ready = true;
    private volatile boolean deaf;
    private final AtomicInteger asked = new AtomicInteger();
    private int writes;

    void answers(Answer answer) {
        this.answer = answer;
    }

    /// Writes wait until [#goOn].
    void hold() {
        gate.countDown(); // who waits at a gate of before would wait for ever
        gate = new CountDownLatch(1);
    }

    void goOn() {
        gate.countDown();
    }

    /// Writes that wait hear neither interrupts nor that the sink is closed.
    void deaf() {
        deaf = true;
    }

    void neverReady() {
        ready = false;
    }

    @Override
    public void prepare() throws IOException {
        if (!ready) {
            throw new IOException("not ready");
        }
    }

    @Override
    public List<Delivery> write(Batch batch) throws IOException, InterruptedException {
        asked.incrementAndGet();
        await(gate);
        int write;
        synchronized (this) {
            write = ++writes;
        }
        var deliveries = new ArrayList<Delivery>();
        for (var event : batch.events()) {
            deliveries.add(answer.to(event, write));
        }
        synchronized (this) {
            for (int i = 0; i < deliveries.size(); i++) {
                if (deliveries.get(i) instanceof Delivery.Delivered) {
                    taken.add(batch.events().get(i));
                }
            }
        }
        return deliveries;
    }

    private void await(CountDownLatch gate) throws InterruptedException {
        while (true) {
            try {
                gate.await();
                return;
            } catch (InterruptedException e) {
                if (!deaf) {
                    throw e;
                }
            }
        }
    }

    /// The field `n` of what it took, in the order it came.
    synchronized List<Long> numbers() {
        return taken.stream()
                .map(event -> Long.parseLong(String.valueOf(event.text("n"))))
                .toList();
    }

    synchronized List<Event> taken() {
        return List.copyOf(taken);
    }

    /// Writes that were begun.
    int asked() {
        return asked.get();
    }

    synchronized int writes() {
        return writes;
    }

    @Override
    public void close() {
        if (!deaf) {
            gate.countDown();
        }
    }
}
