package dev.quorate.kv.rpc;

import dev.quorate.kv.auth.Passwords;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Where passwords are hashed: one thread of its own, so that a flood of log-ins costs one processor and delays nobody else. */
final class PasswordLane implements AutoCloseable {

    /** At 50 ms each the last one waits for less than a minute. */
    private static final int MAX_WAITING = 1_000;

    private final Passwords passwords;
    private final ThreadPoolExecutor thread;

    /** What may be refused. */
    interface Task {
        void run() throws KvException;
    }

    PasswordLane(Passwords passwords) {
        this.passwords = passwords;
        this.thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), task -> {
            Thread daemon = new Thread(task, "kv-password");
            daemon.setDaemon(true);
            return daemon;
        });
    }

    Passwords passwords() {
        return passwords;
    }

    /** @throws KvException if too many wait */
    void run(Answer<?> answer, Task task) throws KvException {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (KvException e) {
                    answer.refuse(e.error());
                } catch (RuntimeException e) {
                    answer.failRead(e);
                }
            });
        } catch (RejectedExecutionException e) {
            throw new KvException(thread.isShutdown() ? KvError.STOPPED : KvError.TOO_MANY_REQUESTS);
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
