#include "serve.h"

#include <stdlib.h>
#include <unistd.h>

static int32_t argument_count;
static char **arguments;

/* Embedded Swift does not hand them on; glibc gives them to constructors. */
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    arguments = values;
}

char **serve_arguments(int32_t *count) {
    *count = argument_count;
    return arguments;
}

double serve_number(const uint8_t *text) { return strtod((const char *)text, NULL); }

void serve_say(const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t put = write(STDERR_FILENO, bytes, count);
        if (put <= 0) return;
        bytes += put, count -= (size_t)put;
    }
}

void serve_exit(int32_t status) { exit(status); }
