/* The files that a `load` request of the target names: descriptors 100 and 101 are the area and the policy of CABI's files.h. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "serve_files.h"

static void put(int descriptor, const tensor_file *file) {
    int made = memfd_create("fuzz", 0);
    if (made < 0 || write(made, file->bytes, file->length) != (ssize_t)file->length || dup2(made, descriptor) < 0)
        abort();
    close(made);
}

void make_files(void) {
    static tensor_file file;
    city c;
    city_init(&c);
    file_area(&file, &c, AREA_METADATA);
    file_finish(&file);
    put(100, &file);
    file_policy(&file, POLICY_METADATA);
    file_finish(&file);
    put(101, &file);
}
