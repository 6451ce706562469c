/**
 * What a server counts for its operators, on Prometheus' client library. What etcd counts has etcd's name. Most of it is read when
 * somebody asks; what has to be counted on the way of a request costs a few additions there.
 */
@NullMarked
package dev.quorate.kv.metrics;

import org.jspecify.annotations.NullMarked;
