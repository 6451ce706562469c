package dev.quorate.raft.transport.netty;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The event loops, and the channels that run on them.
 *
 * @param channels every channel that is open; one that is added after {@link #stop} is closed at once
 * @param traffic in the pipeline of each channel to a member
 * @param epoll whether they are the kernel's own, with options that NIO does not have
 */
@SuppressWarnings("FutureReturnValueIgnored") // the group's termination tells it all
record IoThreads(
        MultiThreadIoEventLoopGroup group,
        ChannelGroup channels,
        Class<? extends SocketChannel> socket,
        Class<? extends ServerSocketChannel> serverSocket,
        Traffic traffic,
        boolean epoll) {

    private static final long STOP_SECONDS = 5;

    static IoThreads start(NettyTransportOptions options) {
        ThreadFactory threads = new DefaultThreadFactory("raft-" + options.localId() + "-io", true);
        boolean epoll = options.nativeIo() && Epoll.isAvailable();
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(
                options.eventLoopThreads(), threads, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        return new IoThreads(
                group,
                new DefaultChannelGroup(group.next(), true),
                epoll ? EpollSocketChannel.class : NioSocketChannel.class,
                epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class,
                new Traffic(),
                epoll);
    }

    /**
     * Closes all channels, then ends the threads. Not left to the event loops alone: one that is told to stop between two
     * looks at its state ends without closing anything, and a port would stay taken.
     *
     * @return done when the threads have ended
     */
    Future<?> stop() {
        channels.close().addListener(closed -> group.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS));
        return group.terminationFuture();
    }

    /**
     * Runs a task on an event loop.
     *
     * @return false if the loop is gone, and every channel of it closed: there is nothing left to be done then
     */
    static boolean run(EventExecutor loop, Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Whether the caller is on one of these threads, and must not wait for them. */
    boolean isCurrentThread() {
        for (EventExecutor loop : group) {
            if (loop.inEventLoop()) {
                return true;
            }
        }
        return false;
    }
}
