package dev.quorate.raft.simulator.mutation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The sources of the pure core, and their compilation in memory; needs a JDK, not only a runtime. */
public final class CoreSources {

    private static final String ROOT_PACKAGE = "dev/quorate/raft/";

    /** What the core's sources import beside the JDK: so that nothing has to be looked for at run time. */
    private static final Map<String, String> ANNOTATIONS = Map.of(
            "org/jspecify/annotations/NullMarked.java",
            "package org.jspecify.annotations; public @interface NullMarked {}",
            "org/jspecify/annotations/Nullable.java",
            "package org.jspecify.annotations; @java.lang.annotation.Target(java.lang.annotation.ElementType.TYPE_USE)"
                    + " public @interface Nullable {}");

    private final Map<String, String> texts = new TreeMap<>();

    /** @param directory raft-core's src/main/java */
    public static CoreSources read(Path directory) throws IOException {
        CoreSources sources = new CoreSources();
        Path root = directory.resolve(ROOT_PACKAGE);
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String name = root.relativize(file).toString().replace('\\', '/');
                if (!name.startsWith("runtime/")) { // the simulator drives the core itself
                    sources.texts.put(name, Files.readString(file));
                }
            }
        }
        return sources;
    }

    /** The compiled classes of these sources with a mutation, by class name. */
    Map<String, byte[]> compile(Mutation mutation) {
        Map<String, String> mutated = new TreeMap<>(texts);
        mutation.applyTo(mutated);
        List<JavaFileObject> units = new ArrayList<>();
        mutated.forEach((name, text) -> units.add(new SourceText(ROOT_PACKAGE + name, text)));
        ANNOTATIONS.forEach((name, text) -> units.add(new SourceText(name, text)));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IllegalStateException("this Java has no compiler; run it with a JDK");
        }
        Map<String, ByteArrayOutputStream> classes = new TreeMap<>();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager standard = compiler.getStandardFileManager(null, null, null);
                InMemoryClasses files = new InMemoryClasses(standard, classes)) {
            List<String> options = List.of("-nowarn", "-proc:none", "--release", "17", "-classpath", "");
            if (!compiler.getTask(messages, files, null, options, null, units).call()) {
                throw new IllegalStateException(mutation.name() + " does not compile: " + messages);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, byte[]> bytes = new TreeMap<>();
        classes.forEach((name, out) -> bytes.put(name, out.toByteArray()));
        return bytes;
    }

    private static final class SourceText extends SimpleJavaFileObject {
        private final String text;

        SourceText(String name, String text) {
            super(URI.create("string:///" + name), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private static final class InMemoryClasses extends ForwardingJavaFileManager<StandardJavaFileManager> {
        private final Map<String, ByteArrayOutputStream> classes;

        InMemoryClasses(StandardJavaFileManager standard, Map<String, ByteArrayOutputStream> classes) {
            super(standard);
            this.classes = classes;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                JavaFileManager.Location location,
                String className,
                JavaFileObject.Kind kind,
                javax.tools.FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + className), kind) {
                @Override
                public OutputStream openOutputStream() {
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    classes.put(className, out);
                    return out;
                }
            };
        }
    }
}
