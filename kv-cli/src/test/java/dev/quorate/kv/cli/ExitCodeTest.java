package dev.quorate.kv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ExitCodeTest {

    @Test
    void theCodesAreAPromise() {
        assertEquals(0, ExitCode.OK.code());
        assertEquals(1, ExitCode.NOT_FOUND.code());
        assertEquals(2, ExitCode.USAGE.code());
        assertEquals(3, ExitCode.DEFINITE.code());
        assertEquals(4, ExitCode.INDEFINITE.code());
        assertEquals(5, ExitCode.INTERNAL.code());
    }

    @Test
    void everyFailureHasOne() {
        assertEquals(ExitCode.USAGE, ExitCode.of(CliException.usage("x")));
        assertEquals(ExitCode.DEFINITE, ExitCode.of(CliException.definite("x")));
        assertEquals(ExitCode.INTERNAL, ExitCode.of(new IllegalStateException("x")));
    }
}
