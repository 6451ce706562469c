package dev.quorate.jepsen.history;

import java.util.List;

/** A whole run: what its clients saw and what was done to the servers. */
public record History(List<Operation> operations, List<NemesisEvent> nemeses) {
    public History {
        operations = List.copyOf(operations);
        nemeses = List.copyOf(nemeses);
    }
}
