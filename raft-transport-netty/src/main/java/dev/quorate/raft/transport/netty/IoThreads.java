package dev.quorate.raft.transport.netty;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The event loops, and the kinds of channels that run on them.
 *
 * @param epoll whether they are the kernel's own, with options that NIO does not have
 */
record IoThreads(
        MultiThreadIoEventLoopGroup group,
        Class<? extends SocketChannel> socket,
        Class<? extends ServerSocketChannel> serverSocket,
        boolean epoll) {

    private static final long STOP_SECONDS = 5;

    static IoThreads start(NettyTransportOptions options) {
        ThreadFactory threads = new DefaultThreadFactory("raft-" + options.localId() + "-io", true);
        if (options.nativeIo() && Epoll.isAvailable()) {
            return new IoThreads(
                    new MultiThreadIoEventLoopGroup(options.eventLoopThreads(), threads, EpollIoHandler.newFactory()),
                    EpollSocketChannel.class,
                    EpollServerSocketChannel.class,
                    true);
        }
        return new IoThreads(
                new MultiThreadIoEventLoopGroup(options.eventLoopThreads(), threads, NioIoHandler.newFactory()),
                NioSocketChannel.class,
                NioServerSocketChannel.class,
                false);
    }

    /** Closes all channels and ends the threads. The future may be ignored by who need not wait. */
    Future<?> stop() {
        return group.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS);
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
