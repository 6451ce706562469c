package dev.quorate.raft.simulator.machine;

import dev.quorate.raft.runtime.StateMachine;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How two states are compared. */
abstract class Views<M extends StateMachine<?>> {

    private static final int MOST_SHOWN = 400;

    /** True if states after this index are compared. */
    abstract boolean isDue(long index);

    /** True if a batch must end with this index, because states after it are compared and others may not be. */
    abstract boolean endsBatch(long index);

    /** What must be equal for equal states. */
    abstract Object of(Subject<M> subject);

    /** What a state that is restored from these files must look like, null if that cannot be told from files. */
    abstract @Nullable Object ofFiles(Path files);

    /** By what the embedder sees of a state, after every batch. */
    static <M extends StateMachine<?>> Views<M> by(Function<? super M, ?> view) {
        return new Views<>() {
            @Override
            boolean isDue(long index) {
                return true;
            }

            @Override
            boolean endsBatch(long index) {
                return false;
            }

            @Override
            Object of(Subject<M> subject) {
                return view.apply(subject.machine());
            }

            @Override
            @Nullable
            Object ofFiles(Path files) {
                return null;
            }
        };
    }

    /** By the bytes of a snapshot, now and then: writing files is not free. */
    static <M extends StateMachine<?>> Views<M> bySnapshots(Directories directories) {
        return new Views<>() {
            private static final int INDEXES_PER_LOOK = 16;

            @Override
            boolean isDue(long index) {
                return index % INDEXES_PER_LOOK == 0;
            }

            @Override
            boolean endsBatch(long index) {
                return isDue(index);
            }

            @Override
            Object of(Subject<M> subject) {
                Path files = directories.next();
                subject.snapshot(FileTrees.make(files));
                Object contents = FileTrees.contents(files);
                FileTrees.delete(files);
                return contents;
            }

            @Override
            Object ofFiles(Path files) {
                return FileTrees.contents(files);
            }
        };
    }

    /** A state as a message shows it: not more than fits on a screen. */
    static String text(@Nullable Object value) {
        String text = String.valueOf(value);
        return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "…";
    }
}
