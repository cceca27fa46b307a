/* Times the outermost work on the thread that installed it: events, by QApplication's own notify,
   whose place in the table of virtual functions is taken, and calls that Python tells of.

   An override in Python would not do: Qt sends events to what is still being built, for which a
   wrapper would be made too early, and that ends in a crash.

   What runs in an event loop inside another piece of work, as that of a dialog, is timed by itself. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SLOTS = 256, NOTIFY = 2 + 12, DEEPEST = 64, KEPT = 4096 }; /* two words come before the functions */

typedef _Bool (*Notify)(void *, void *, void *);
struct work { int loop; double started, inner; char what[128]; };
struct slow { double milliseconds; char what[128]; };

static Notify original;
static void *table[SLOTS];
static pthread_t thread;
static int (*loop_level)(void *);
static void *(*current_thread)(void);
static const char *(*class_name)(const void *);
static struct work running[DEEPEST];
static double budget;

volatile int depth;
volatile long seen, slow_count;
struct slow slow[KEPT];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e3 * t.tv_sec + 1e-6 * t.tv_nsec;
}

static int begins(void) {
    if (!pthread_equal(pthread_self(), thread) || depth == DEEPEST) return -1;
    int loop = loop_level(current_thread());
    return depth && loop <= running[depth - 1].loop ? -1 : loop;
}

static void enter(int loop) {
    struct work *one = &running[depth];
    one->loop = loop, one->inner = 0, one->started = now();
    depth++;
}

/* 1 where it is the outermost, to be ended then. */
int begin(const char *what) {
    int loop = begins();
    if (loop < 0) return 0;
    snprintf(running[depth].what, sizeof running[depth].what, "%s", what);
    enter(loop);
    return 1;
}

/* What is being done is a test's work: what is handled inside it is timed by itself. */
void a_tests_own(void) {
    if (depth) running[depth - 1].loop = -1;
}

void end(void) {
    struct work *one = &running[depth - 1];
    double whole = now() - one->started, own = whole - one->inner;
    depth--;
    if (depth) running[depth - 1].inner += whole;
    if (one->loop < 0) return;
    seen++;
    if (own > budget && slow_count < KEPT) {
        slow[slow_count].milliseconds = own;
        memcpy(slow[slow_count++].what, one->what, sizeof one->what);
    }
}

static _Bool timed(void *application, void *receiver, void *event) {
    int loop = begins();
    if (loop < 0) return original(application, receiver, event);
    const void *(*meta_object)(void *) = (*(const void *(***)(void *))receiver)[0];
    int type = *(uint16_t *)((char *)event + sizeof(void *));
    snprintf(running[depth].what, sizeof running[depth].what, "%d %s", type,
             class_name(meta_object(receiver)));
    enter(loop);
    _Bool result = original(application, receiver, event);
    end();
    return result;
}

/* Watch the application at this address; 0 where Qt's functions are not found. */
int install(void *application, double milliseconds) {
    loop_level = dlsym(RTLD_DEFAULT, "_ZNK7QThread9loopLevelEv");
    current_thread = dlsym(RTLD_DEFAULT, "_ZN7QThread13currentThreadEv");
    class_name = dlsym(RTLD_DEFAULT, "_ZNK11QMetaObject9classNameEv");
    if (!loop_level || !current_thread || !class_name) return 0;
    thread = pthread_self(), budget = milliseconds;
    void ***object = application;
    memcpy(table, *object - 2, sizeof table);
    original = (Notify)table[NOTIFY];
    table[NOTIFY] = timed;
    *object = table + 2;
    return 1;
}
