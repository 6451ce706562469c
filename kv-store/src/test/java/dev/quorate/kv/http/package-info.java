@NullMarked
package dev.quorate.kv.http;

import org.jspecify.annotations.NullMarked;
