package dev.quorate.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the module exports is documented: the JDK's own tool reads it and finds nothing to say. */
class JavadocTest {

    /** Types and members of the exported packages without a comment; and whatever is wrong with a comment anywhere. */
    private static final Pattern FAULT = Pattern.compile(
            ".*/dev/quorate/raft/((model|runtime|session)/)?\\w+\\.java:\\d+: warning: no comment|.*: error: .*");

    @TempDir
    Path temporary;

    @Test
    void everythingThatIsExportedHasAComment() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "javadoc").toString(),
                "-quiet",
                "-Xdoclint:all",
                "-Xmaxwarns",
                "10000",
                "-d",
                temporary.resolve("site").toString()));
        for (String annotation : List.of("Nullable", "NullMarked")) {
            command.add(stub(annotation));
        }
        command.addAll(sources());
        Path report = temporary.resolve("report");
        Process javadoc = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(report.toFile())
                .start();
        if (!javadoc.waitFor(60, TimeUnit.SECONDS)) {
            javadoc.destroyForcibly();
        }

        List<String> lines = Files.readAllLines(report, StandardCharsets.UTF_8);
        assertEquals(List.of(), lines.stream().filter(FAULT.asMatchPredicate()).toList());
        assertEquals(0, javadoc.exitValue(), () -> String.join("\n", lines));
        assertEquals(true, Files.exists(temporary.resolve("site").resolve("index.html")), "it has read everything");
    }

    /** The sources use two annotations that no test needs for anything else. */
    private String stub(String annotation) throws IOException {
        Path file = temporary.resolve("org/jspecify/annotations").resolve(annotation + ".java");
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                "package org.jspecify.annotations; import java.lang.annotation.*; /** A stub. */"
                        + (annotation.equals("Nullable") ? " @Target(ElementType.TYPE_USE)" : "")
                        + " public @interface " + annotation + " {}");
        return file.toString();
    }

    /** Without the module: it would ask for the annotations' one. */
    private static List<String> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java").toAbsolutePath())) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("module-info.java"))
                    .map(Path::toString)
                    .sorted()
                    .toList();
        }
    }
}
