/*
 * Area and policy files with changes here and there: whatever the bytes, they are refused with a sentence, or make an
 * area or a policy that is what patrol.h promises; from a file on disk as from memory.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "edit.h"
#include "keep_city.h"
#include "look_at_city.h"

/* The path of a file in memory alone, with some bytes. */
static void write_file(const uint8_t *bytes, size_t size, char path[40]) {
    static int file = -1;
    if (file < 0) file = memfd_create("fuzz", 0);
    HOLDS(file >= 0 && ftruncate(file, 0) == 0 && pwrite(file, bytes, size, 0) == (ssize_t)size);
    snprintf(path, 40, "/proc/self/fd/%d", file);
}

static void try_area(source *s, const uint8_t *bytes, size_t size, int on_disk) {
    patrol_area *area = NULL, *loaded = NULL;
    patrol_area_options options = PATROL_AREA_OPTIONS_INIT;
    patrol_area_info info = PATROL_AREA_INFO_INIT, again = PATROL_AREA_INFO_INIT;
    patrol_error error;
    char path[40];
    world w;
    int32_t status;
    options.max_demand_points = draw(s, 2) ? 256 : 1 + draw(s, 9);
    status = patrol_area_load_memory(bytes, size, &options, &area, &error);
    check_made(status, &error, &area);
    if (on_disk) {
        write_file(bytes, size, path);
        HOLDS(patrol_area_load_file(path, &options, &loaded, &error) == status);
        check_made(status, &error, &loaded);
    }
    if (area == NULL) return;
    memset(&w, 0, sizeof w);
    SUCCEEDS(patrol_area_get_info(area, &info, &error));
    w.nodes = info.node_count;
    w.coordinates = info.coordinate_system;
    if (loaded != NULL) {
        SUCCEEDS(patrol_area_get_info(loaded, &again, &error));
        HOLDS(memcmp(&info, &again, sizeof info) == 0);
    }
    look_at_area(s, area, &w);
    patrol_area_destroy(area);
    patrol_area_destroy(loaded);
}

static void try_policy(source *s, const uint8_t *bytes, size_t size, int on_disk) {
    patrol_policy *policy = NULL, *loaded = NULL;
    patrol_error error;
    char path[40];
    int32_t status = patrol_policy_load_memory(bytes, size, &policy, &error);
    check_made(status, &error, &policy);
    if (on_disk) {
        write_file(bytes, size, path);
        HOLDS(patrol_policy_load_file(path, &loaded, &error) == status);
        check_made(status, &error, &loaded);
    }
    if (policy == NULL) return;
    look_at_policy(s, policy);
    patrol_policy_destroy(policy);
    patrol_policy_destroy(loaded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static tensor_file area_file, policies[4];
    static uint8_t changed[sizeof area_file.bytes + 128];
    source bytes = {data, data + size, 0, 0}, *s = &bytes;
    uint32_t kind = draw(s, 8), on_disk = draw(s, 16) == 1, k;
    const tensor_file *good;
    uint8_t *copy;
    size_t length;
    if (area_file.length == 0) {
        city c;
        city_init(&c);
        file_area(&area_file, &c, AREA_METADATA);
        file_tensor(&area_file, "travel_factors", "F32", "2,168", c.travel_factors, sizeof c.travel_factors);
        file_finish(&area_file);
        for (k = 0; k < 4; k += 1) policy_file(&policies[k], 1.0f, k & 1, k & 2);
    }
    good = kind < 4 ? &area_file : &policies[kind - 4];
    memcpy(changed, good->bytes, good->length);
    length = edit(s, changed, good->length, sizeof changed);
    copy = exact(length, 1); /* of just that size */
    memcpy(copy, changed, length);
    if (kind < 4)
        try_area(s, copy, length, (int)on_disk);
    else
        try_policy(s, copy, length, (int)on_disk);
    exact_free(0);
    return 0;
}
