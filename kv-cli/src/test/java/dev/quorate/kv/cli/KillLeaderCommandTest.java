package dev.quorate.kv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class KillLeaderCommandTest {

    @Test
    void aQuantileIsOneOfTheValues() {
        List<Long> sorted = List.of(10L, 20L, 30L, 40L);

        assertEquals(10, KillLeaderCommand.quantile(sorted, 0));
        assertEquals(20, KillLeaderCommand.quantile(sorted, 0.5));
        assertEquals(40, KillLeaderCommand.quantile(sorted, 0.9));
        assertEquals(40, KillLeaderCommand.quantile(sorted, 1));
        assertEquals(0, KillLeaderCommand.quantile(List.of(), 0.5));
    }
}
