/* What patrol.h promises, whatever the input. */
#ifndef CHECKS_H
#define CHECKS_H

#include <patrol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define HOLDS(condition) holds((condition) ? 1 : 0, #condition, __FILE__, __LINE__)
#define SUCCEEDS(call)                                                                                                 \
    do {                                                                                                               \
        if ((call) != PATROL_OK) holds(0, error.message, __FILE__, __LINE__);                                          \
    } while (0)

static void holds(int condition, const char *sentence, const char *file, int line) {
    if (condition) return;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, sentence);
    abort();
}

/* How often the targets decided and simulated: Tests/Fuzz/count adds up what is told at the end of a run. */
static unsigned long counted_decisions, counted_simulations;

static void tell_counts(void) {
    fprintf(stderr, "counted: %lu decisions, %lu simulations\n", counted_decisions, counted_simulations);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    return atexit(tell_counts);
}

/* Memory of just that size, so that a sanitizer sees the first byte beyond; filled so that writes show. */
static void *exact_blocks[4096];
static size_t exact_count;

static void *exact(size_t count, size_t size) {
    void *block = malloc(count * size);
    HOLDS(exact_count < sizeof exact_blocks / sizeof *exact_blocks);
    exact_blocks[exact_count++] = block;
    if (count * size > 0) memset(block, 0xA5, count * size);
    return block;
}

/* Frees the blocks that were made since there were `kept` of them. */
static void exact_free(size_t kept) {
    while (exact_count > kept) free(exact_blocks[--exact_count]);
}

static void check_refused(int32_t status, const patrol_error *error) {
    const char *end = memchr(error->message, 0, sizeof error->message);
    HOLDS(status > PATROL_OK && status <= PATROL_ERROR_NO_TIME && status != PATROL_ERROR_INTERNAL);
    HOLDS(error->status == status);
    HOLDS(end != NULL && end - error->message > 10);
    HOLDS(is_utf8((const uint8_t *)error->message, (size_t)(end - error->message)));
}

/* An object was made, or refused and its handle left alone. By its handle's place: arguments have no order. */
static void check_made(int32_t status, const patrol_error *error, const void *handle) {
    const void *made;
    memcpy(&made, handle, sizeof made);
    HOLDS((status == PATROL_OK) == (made != NULL));
    if (status != PATROL_OK) check_refused(status, error);
}

static int untouched(const void *block, size_t size) {
    const uint8_t *bytes = block;
    for (; size > 0; size -= 1)
        if (*bytes++ != 0xA5) return 0;
    return 1;
}

#endif
