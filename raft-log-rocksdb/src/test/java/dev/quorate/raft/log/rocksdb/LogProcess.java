package dev.quorate.raft.log.rocksdb;

import dev.quorate.raft.model.Entry;
import dev.quorate.raft.runtime.DurableLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/** Another process that has a log open, for tests that kill it. */
final class LogProcess {

    static final RocksDbLogOptions OPTIONS = RocksDbLogOptions.DEFAULTS.withMemtableBytes(256 << 10);

    private static final int BATCH = 8;

    private LogProcess() {}

    /** @param what "write": writes until it is killed, and prints each index when it is durable; "hold":
     *     holds it open. Prints why if it cannot open it */
    static Process start(Path directory, String what) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        java,
                        "-Xmx64m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LogProcess.class.getName(),
                        directory.toString(),
                        what)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    static List<Entry> entries(long from, long to) {
        return LongStream.rangeClosed(from, to)
                .mapToObj(index -> Logs.command(index, 1, "entry " + index + " of a process that is killed ".repeat(8)))
                .toList();
    }

    public static void main(String[] args) throws IOException {
        DurableLog log;
        try {
            log = Logs.open(Path.of(args[0]), OPTIONS);
        } catch (IOException e) {
            System.out.println(e.getMessage());
            return;
        }
        try (log) {
            long last = log.recover(Logs.THREE).lastIndex();
            System.out.println(last);
            if (args[1].equals("hold") && System.in.read() < 0) {
                // Whoever started this went away.
                return;
            }
            while (true) {
                Logs.write(log, Logs.append(entries(last + 1, last + BATCH)));
                last += BATCH;
                System.out.println(last);
                if (last % (BATCH * 20) == 0) {
                    Logs.write(log, Logs.compact(Logs.meta(last - 3 * BATCH - 1, 1)));
                }
            }
        }
    }
}
