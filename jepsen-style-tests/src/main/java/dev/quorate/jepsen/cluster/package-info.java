/**
 * The servers under test: real processes of the packaged product, each with its own directory and ports, on this machine.
 *
 * <p>How a server is started is behind {@link dev.quorate.jepsen.cluster.SystemUnderTest}. There are two: Quorate, and etcd,
 * whose protocol it speaks; a run against etcd shows that an unexpected verdict is the product's and not the harness's.
 */
@NullMarked
package dev.quorate.jepsen.cluster;

import org.jspecify.annotations.NullMarked;
