@NullMarked
package dev.quorate.kv.rpc;

import org.jspecify.annotations.NullMarked;
