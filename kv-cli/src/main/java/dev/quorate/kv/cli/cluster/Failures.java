package dev.quorate.kv.cli.cluster;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** The JDK's file errors in words: some of its messages are only a path. */
public final class Failures {

    private Failures() {}

    /** One line, without the class name where the message says enough. */
    public static String reason(Exception e) {
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        if (e instanceof NoSuchFileException missing) {
            return missing.getFile() + ": no such file or directory";
        }
        if (e instanceof FileAlreadyExistsException exists) {
            return exists.getFile() + ": exists, and is no directory";
        }
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getFile() + ": " + file.getReason();
        }
        String message = e.getMessage();
        if (message == null || message.isBlank()) {
            return e.getClass().getSimpleName();
        }
        String line = message.lines().findFirst().orElse("");
        return e instanceof IOException || e instanceof RuntimeException
                ? line
                : e.getClass().getSimpleName() + ": " + line;
    }
}
