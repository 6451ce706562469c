/**
 * A cluster inside this JVM, for the tests of programs that talk to etcd or Quorate: the real servers on loopback, with free
 * ports and directories that go away.
 *
 * <pre>
 *   try (EmbeddedCluster cluster = EmbeddedCluster.start(3)) {
 *       Client client = Client.builder().endpoints(cluster.clientUris()).build();   // jetcd, or any other
 *   }
 * </pre>
 *
 * In JUnit 5, {@link dev.quorate.kv.embedded.EmbeddedClusterExtension} starts and stops it around the tests.
 */
@NullMarked
package dev.quorate.kv.embedded;

import org.jspecify.annotations.NullMarked;
