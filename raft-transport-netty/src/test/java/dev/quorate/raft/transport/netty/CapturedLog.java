package dev.quorate.raft.transport.netty;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** The log of the tests' JVM, kept in memory: what the transport says at INFO and above. */
public final class CapturedLog implements SLF4JServiceProvider {

    private static final String LOGGER = NettyTransport.class.getName();
    private static final List<String> LINES = new CopyOnWriteArrayList<>();

    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter mdc = new NOPMDCAdapter();

    /** The lines of one member that contain a text; each member of each test has a name of its own. */
    static List<String> linesOf(String member, String text) {
        return LINES.stream()
                .filter(line -> line.contains(" " + member + ": ") && line.contains(text))
                .toList();
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return Memory::new;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return mdc;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }

    @Override
    public void initialize() {}

    private static final class Memory extends LegacyAbstractLogger implements Logger {
        private static final long serialVersionUID = 1L;

        Memory(String name) {
            this.name = name;
        }

        @Override
        public boolean isTraceEnabled() {
            return false;
        }

        @Override
        public boolean isDebugEnabled() {
            return false;
        }

        @Override
        public boolean isInfoEnabled() {
            return name.equals(LOGGER);
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }

        @Override
        protected @Nullable String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                Marker marker,
                String pattern,
                Object @Nullable [] arguments,
                @Nullable Throwable failure) {
            String line = level + " " + MessageFormatter.basicArrayFormat(pattern, arguments);
            LINES.add(failure == null ? line : line + " " + failure);
        }
    }
}
