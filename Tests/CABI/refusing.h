/*
 * A call under refusal of memory: the first allocation fails, then the second and so on, until the call needs no more. Each
 * time either alone or with all that follow it. Calls whose preparation takes long skip some, more and more of them, unless
 * the environment variable REFUSALS_ALL is set. REFUSALS_TOLD prints what was measured.
 */
#ifndef REFUSING_H
#define REFUSING_H

#include "counting.h"
#include "check.h"

/* Makes the call once, between `refusing_begins` and `refusing_ends`, and undoes what it made. */
typedef int32_t (*attempt)(patrol_error *error);

/* Bytes of Swift's objects that one call may still ask for after the first refusal: half of what a thread gets from the
 * reserve (Sources/CKernels/reserve.c). */
#define REFUSED_OBJECTS_MOST ((size_t)1 << 17)

static struct {
    long n;
    int all;
    long allocations; /* of the last attempt */
    size_t most_objects;
} refusing;

CHECK_UNUSED static void refusing_begins(void) {
    refuse_all = refusing.all;
    refused = 0;
    refused_objects = 0;
    refusing.allocations = allocations;
    refuse_at = refusing.n == 0 ? 0 : allocations + refusing.n;
}

CHECK_UNUSED static int32_t refusing_ends(int32_t status) {
    refuse_at = 0;
    refusing.allocations = allocations - refusing.allocations;
    if (refused_objects > refusing.most_objects) refusing.most_objects = refused_objects;
    return status;
}

/* The call by itself, with everything after it left to run undisturbed. */
#define REFUSING(call) (refusing_begins(), refusing_ends(call))

static long refusing_skips; /* the 1 + n / refusing_skips next allocations at a time; 0: one */

/* What is refused is either refused as a whole, for want of memory, or done as if nothing had been refused. */
CHECK_UNUSED static void refuse_each(const char *name, attempt run) {
    patrol_error error;
    refusing.n = 0;
    refusing.most_objects = 0;
    CHECK(run(&error) == PATROL_OK); /* what is made once for good is made here */
    for (refusing.all = 0; refusing.all < 2; refusing.all += 1) {
        long before = live;
        for (refusing.n = 1;;
             refusing.n += 1 + (refusing_skips == 0 || getenv("REFUSALS_ALL") ? 0 : refusing.n / refusing_skips)) {
            int32_t status;
            memset(&error, 0, sizeof error);
            status = run(&error);
            if (!check(live == before, __FILE__, __LINE__, "%s: %ld allocations leaked at %ld", name, live - before,
                       refusing.n))
                before = live;
            if (refused == 0) {
                check(status == PATROL_OK, __FILE__, __LINE__, "%s: %s: %s", name, patrol_status_name(status),
                      error.message);
                break;
            }
            if (status != PATROL_OK)
                check_refusal(__FILE__, __LINE__, name, status, PATROL_ERROR_OUT_OF_MEMORY, &error, "no memory");
        }
    }
    check(refusing.most_objects <= REFUSED_OBJECTS_MOST, __FILE__, __LINE__,
          "%s: %lu bytes of objects after the first refusal", name, (unsigned long)refusing.most_objects);
    if (getenv("REFUSALS_TOLD") != NULL)
        printf("%-36s %6ld allocations, at most %6lu bytes of objects refused\n", name, refusing.allocations,
               (unsigned long)refusing.most_objects);
}

#endif
