package dev.quorate.kv.cli.cluster;

import dev.quorate.kv.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What Linux says of a process in {@code /proc/PID/stat} (proc(5)).
 *
 * @param ended whether it is dead and only waits for its parent to notice (a zombie): under a PID 1 that collects no orphans
 *     it may wait for ever
 * @param startTicks when it started, in clock ticks since boot
 * @param cpuTicks user and system time that it has used, all threads together
 */
public record ProcStat(boolean ended, long startTicks, long cpuTicks) {

    /** USER_HZ, which Linux fixes at 100 for every architecture that runs a JDK. */
    public static final long TICKS_PER_SECOND = 100;

    private static final int STATE = 3;
    private static final int UTIME = 14;
    private static final int STIME = 15;
    private static final int THREADS = 20;
    private static final int STARTTIME = 22;

    /**
     * @throws IOException if there is no such process, or no such file system here
     */
    public static ProcStat read(long pid) throws IOException {
        return parse(Files.readString(Path.of("/proc/" + pid + "/stat")));
    }

    /** The second field is the program's name in parentheses, and may itself hold blanks and parentheses. */
    static ProcStat parse(String stat) throws IOException {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        int firstField = STATE;
        try {
            return new ProcStat(
                    isEnded(fields[STATE - firstField], Long.parseLong(fields[THREADS - firstField])),
                    Long.parseLong(fields[STARTTIME - firstField]),
                    Long.parseLong(fields[UTIME - firstField]) + Long.parseLong(fields[STIME - firstField]));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IOException("not a /proc/PID/stat line: " + stat, e);
        }
    }

    /** While other threads still end, the first one is a zombie already, and files and ports are still held. */
    private static boolean isEnded(String state, long threads) {
        return (state.equals("Z") || state.equals("X")) && threads <= 1;
    }

    /**
     * The processor time of some processes together, in nanoseconds.
     *
     * @throws CliException (definite) if one of them is not there
     */
    public static long cpuNanos(List<Long> pids) {
        long ticks = 0;
        for (long pid : pids) {
            try {
                ticks += read(pid).cpuTicks();
            } catch (IOException e) {
                throw CliException.definite("the CPU time of process " + pid + " cannot be read: " + e.getMessage());
            }
        }
        return ticks * (TimeUnit.SECONDS.toNanos(1) / TICKS_PER_SECOND);
    }
}
