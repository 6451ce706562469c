package dev.quorate.kv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @Test
    void readsWhatPeopleType() {
        assertEquals(Duration.ofMillis(250), Durations.parse("250ms"));
        assertEquals(Duration.ofSeconds(5), Durations.parse("5s"));
        assertEquals(Duration.ofMinutes(2), Durations.parse("2m"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "0s", "-1s", "1.5s", "5 s", "2h", "1441m", "9999999999ms"})
    void refusesTheRest(String text) {
        assertThrows(IllegalArgumentException.class, () -> Durations.parse(text));
    }
}
