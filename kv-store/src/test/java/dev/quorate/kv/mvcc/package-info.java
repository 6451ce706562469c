@NullMarked
package dev.quorate.kv.mvcc;

import org.jspecify.annotations.NullMarked;
