package dev.quorate.kv.mvcc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A copy of a store, as files.
 *
 * @param directory where they are
 * @param files their names there, in order; they do not change any more
 * @param state where the copy stands
 * @param estimatedKeys about how many keys it has
 */
public record StoreFiles(Path directory, List<String> files, State state, long estimatedKeys) {

    /** Copies the list. */
    public StoreFiles {
        files = List.copyOf(files);
    }

    static StoreFiles of(Path directory) throws IOException {
        List<String> names;
        try (Stream<Path> files = Files.list(directory)) { // before it is opened, which leaves a log of its own
            names = files.map(file -> file.getFileName().toString()).sorted().toList();
        }
        try (Engine engine = Engine.openReadOnly(directory)) {
            return new StoreFiles(
                    directory, names, StateRows.state(engine, engine.readNewest()), engine.estimatedRows(Table.LATEST));
        }
    }
}
