package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PoolTest {
    private final AtomicInteger built = new AtomicInteger();
    private final Pool<String, Object> pool = new Pool<>(kind -> {
        built.incrementAndGet();
        return new Object();
    });

    @Test
    void givesTheSameObjectAgain() {
        Object first = pool.with("a", object -> object);
        Object second = pool.with("a", object -> object);
        assertThat(second).isSameAs(first);
        assertThat(built).hasValue(1);
    }

    @Test
    void anotherKindIsAnotherObject() {
        assertThat(pool.<Object>with("a", object -> object)).isNotSameAs(pool.<Object>with("b", object -> object));
    }

    @Test
    void inUseMeansNobodyElsesUse() throws Exception {
        Set<Object> seen = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
        CountDownLatch allIn = new CountDownLatch(3);
        pool.with("a", object -> object); // one is idle, which the first of three may take
        Thread[] threads = new Thread[3];
        for (int i = 0; i < 3; i++) {
            threads[i] = new Thread(() -> pool.with("a", object -> {
                seen.add(object);
                allIn.countDown();
                try {
                    return allIn.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }));
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(seen).hasSize(3);
        assertThat(built).hasValue(3);
    }

    @Test
    void dropsAnObjectWhoseWorkFailed() {
        Object[] broken = new Object[1];
        assertThatThrownBy(() -> pool.with("a", object -> {
                    broken[0] = object;
                    throw new IllegalStateException("half done");
                }))
                .hasMessage("half done");
        assertThat(pool.<Object>with("a", object -> object)).isNotSameAs(broken[0]);
    }

    @Test
    void forgetsTheKindsUsedLongAgo() {
        Object first = pool.with("0", object -> object);
        for (int kind = 1; kind <= 4; kind++) {
            pool.with(Integer.toString(kind), object -> object);
        }
        Object last = pool.with("4", object -> object);
        assertThat(built).hasValue(5);
        assertThat(pool.<Object>with("4", object -> object)).isSameAs(last);
        assertThat(pool.<Object>with("0", object -> object)).isNotSameAs(first);
    }
}
