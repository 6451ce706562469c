/** What the clients ask for: small requests on few keys at a time, so that they collide. */
@NullMarked
package dev.quorate.jepsen.workload;

import org.jspecify.annotations.NullMarked;
