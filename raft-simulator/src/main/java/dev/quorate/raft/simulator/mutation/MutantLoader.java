package dev.quorate.raft.simulator.mutation;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Loads a mutated core, and the simulator a second time so that it drives that one. All else comes from the usual place. */
final class MutantLoader extends ClassLoader {

    private static final String SIMULATOR = "dev.quorate.raft.simulator.";

    private final Map<String, byte[]> core;

    MutantLoader(Map<String, byte[]> core) {
        super(MutantLoader.class.getClassLoader());
        this.core = core;
    }

    /** Runs one seed against the mutated core; answers with the violation, or null if there was none. */
    @SuppressWarnings("unchecked")
    LongFunction<@Nullable String> seedRunner() {
        try {
            return (LongFunction<@Nullable String>) loadClass(SeedRunner.class.getName())
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the simulator could not be loaded over a mutated core", e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            byte[] bytes = core.get(name);
            if (bytes == null && !name.startsWith(SIMULATOR)) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            byte[] definition = bytes != null ? bytes : read(name);
            return defineClass(name, definition, 0, definition.length);
        }
    }

    private byte[] read(String name) throws ClassNotFoundException {
        try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
