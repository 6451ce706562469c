package dev.quorate.raft.runtime;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting in tests: for a condition, with a deadline that only a broken build reaches. */
final class Await {

    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final long STEP_NANOS = 1_000_000;

    private Await() {}

    static void until(String what, BooleanSupplier condition) {
        untilPresent(what, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    static <T> T untilPresent(String what, Supplier<Optional<T>> condition) {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (true) {
            Optional<T> found = condition.get();
            if (found.isPresent()) {
                return found.get();
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("waited " + DEADLINE + " in vain for " + what);
            }
            LockSupport.parkNanos(STEP_NANOS);
        }
    }

    /** The future's value. */
    static <T> T value(CompletableFuture<T> future) {
        try {
            return future.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("no value: " + e, e);
        }
    }

    /** The future's failure, which must be of this kind. */
    static <E extends Throwable> E failure(Class<E> kind, CompletableFuture<?> future) {
        try {
            throw new AssertionError(
                    "expected " + kind.getSimpleName() + ", got " + future.get(DEADLINE.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            if (kind.isInstance(e.getCause())) {
                return kind.cast(e.getCause());
            }
            throw new AssertionError("expected " + kind.getSimpleName() + ", got " + e.getCause(), e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("expected " + kind.getSimpleName() + ", got nothing: " + e, e);
        }
    }
}
