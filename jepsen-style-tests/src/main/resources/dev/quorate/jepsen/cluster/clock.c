/*
 * Shifts the time of day of one process, and of nothing else: preloaded, it adds to CLOCK_REALTIME the seconds that stand,
 * as one native 64-bit number, in the file CHAOS_CLOCK_FILE. Whoever writes the file sets the clock. The monotonic clock
 * goes on undisturbed, as it does when somebody sets a real clock.
 *
 * (libfaketime does this and much more, at ten times the CPU time of a server's start.)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int (*clock_gettime_function)(clockid_t, struct timespec *);
typedef int (*timedwait_function)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

static volatile int64_t no_offset = 0;
static volatile int64_t *volatile offset_seconds = NULL;
static clock_gettime_function real_clock_gettime;
static timedwait_function real_timedwait;

/* Other libraries may ask for the time before our constructor runs; doing this twice does no harm. */
static void __attribute__((constructor)) set_up(void) {
    volatile int64_t *found = &no_offset;
    const char *path = getenv("CHAOS_CLOCK_FILE");
    int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
        if (mapped != MAP_FAILED) {
            found = mapped;
        }
        close(file);
    }
    real_clock_gettime = (clock_gettime_function)dlsym(RTLD_NEXT, "clock_gettime");
    /* x86-64 has an older function of the same name, for condition variables of another layout. */
    real_timedwait = (timedwait_function)dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (real_timedwait == NULL) {
        real_timedwait = (timedwait_function)dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    }
    offset_seconds = found;
}

static int64_t offset(void) {
    if (offset_seconds == NULL) {
        set_up();
    }
    return *offset_seconds;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int64_t shift = offset();
    int result = real_clock_gettime(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += shift;
    }
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (out != NULL) {
        *out = precise.tv_sec;
    }
    return precise.tv_sec;
}

/* A moment that was made from the shifted time must be shifted back: the kernel waits by the real one. Which clock a
   condition variable waits by cannot be asked, but monotonic moments, counted from the boot, are small. */
int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict until) {
    const time_t seconds_since_1970_at_least = 1000000000;
    int64_t shift = offset();
    if (shift == 0 || until->tv_sec < seconds_since_1970_at_least) {
        return real_timedwait(condition, mutex, until);
    }
    struct timespec shifted_back = {until->tv_sec - shift, until->tv_nsec};
    return real_timedwait(condition, mutex, &shifted_back);
}
