/* What a test program needs: CHECK counts and reports, check_done ends it with the line that `run` adds up. */
#ifndef CHECK_H
#define CHECK_H

#include <patrol.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_passed, check_failed;

#if defined(__GNUC__)
#define CHECK_UNUSED __attribute__((unused))
#else
#define CHECK_UNUSED
#endif

/* Counts `holds`; where it does not hold, prints the place and the sentence. */
CHECK_UNUSED static int check(int holds, const char *file, int line, const char *sentence, ...) {
    va_list arguments;
    if (holds) {
        check_passed += 1;
        return 1;
    }
    check_failed += 1;
    fprintf(stderr, "%s:%d: ", file, line);
    va_start(arguments, sentence);
    vfprintf(stderr, sentence, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return 0;
}

#define CHECK(condition) check((condition) ? 1 : 0, __FILE__, __LINE__, "%s", #condition)

/* A call that must succeed before the test can go on. */
#define MUST(call)                                                                                                     \
    do {                                                                                                               \
        patrol_error must_error;                                                                                       \
        patrol_error *error = &must_error;                                                                             \
        memset(error, 0, sizeof *error);                                                                               \
        if ((call) != PATROL_OK) {                                                                                     \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, error->message);                             \
            exit(2);                                                                                                   \
        }                                                                                                              \
    } while (0)

/*
 * Judges one refusal: the status, an error that repeats it, and a message that holds every one of the substrings that
 * `culprit` lists between bars ("node|99").
 */
CHECK_UNUSED static void check_refusal(const char *file, int line, const char *title, int32_t status, int32_t expected,
                                       const patrol_error *error, const char *culprit) {
    const char *part = culprit;
    if (!check(status == expected, file, line, "%s: %s instead of %s", title, patrol_status_name(status),
               patrol_status_name(expected)))
        return;
    check(error->status == status, file, line, "%s: error.status is %d", title, (int)error->status);
    check(memchr(error->message, 0, sizeof error->message) != NULL, file, line, "%s: the message has no end", title);
    while (*part != '\0') {
        char word[64];
        size_t length = strcspn(part, "|");
        snprintf(word, sizeof word, "%.*s", (int)length, part);
        check(strstr(error->message, word) != NULL, file, line, "%s: no \"%s\" in \"%s\"", title, word, error->message);
        part += length + (part[length] == '|');
    }
}

CHECK_UNUSED static int check_done(const char *name) {
    printf("%s: %d passed, %d failed\n", name, check_passed, check_failed);
    return check_failed == 0 ? 0 : 1;
}

#endif
