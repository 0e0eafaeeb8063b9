/*
 * Area and policy files that must be refused: each row breaks the good file and names the status and what the message
 * must hold. A refusal leaves the caller's handle alone. The last tests break every byte.
 */
#include "files.h"

static city c;
static tensor_file file;

enum kind { AREA, POLICY };

static int32_t load(enum kind kind, const void *bytes, size_t length, void **handle, patrol_error *error) {
    patrol_area *area = NULL;
    patrol_policy *policy = NULL;
    int32_t status = kind == AREA ? patrol_area_load_memory(bytes, length, NULL, &area, error)
                                  : patrol_policy_load_memory(bytes, length, &policy, error);
    *handle = kind == AREA ? (void *)area : (void *)policy;
    return status;
}

static void destroy(enum kind kind, void *handle) {
    if (kind == AREA)
        patrol_area_destroy((patrol_area *)handle);
    else
        patrol_policy_destroy((patrol_policy *)handle);
}

static void expect(int line, enum kind kind, const char *title, int32_t expected, const char *culprit) {
    void *handle = NULL, *exact = malloc(file.length); /* of its true size: a sanitizer sees every byte read beyond */
    patrol_error error;
    memset(&error, 0xA5, sizeof error);
    memcpy(exact, file.bytes, file.length);
    check_refusal(__FILE__, line, title, load(kind, exact, file.length, &handle, &error), expected, &error, culprit);
    if (!check(handle == NULL, __FILE__, line, "%s: the handle was written", title)) destroy(kind, handle);
    free(exact);
}

static void begin(enum kind kind) {
    city_init(&c);
    if (kind == AREA)
        file_area(&file, &c, AREA_METADATA);
    else
        file_policy(&file, POLICY_METADATA);
}

/* Breaks the finished file. */
#define ROW(kind, title, expected, culprit, ...)                                                                       \
    do {                                                                                                               \
        begin(kind);                                                                                                   \
        file_finish(&file);                                                                                            \
        __VA_ARGS__;                                                                                                   \
        expect(__LINE__, kind, title, PATROL_ERROR_##expected, culprit);                                               \
    } while (0)

/* Adds a tensor that should not be there. */
#define EXTRA(kind, title, expected, culprit, name, dtype, shape, bytes)                                               \
    do {                                                                                                               \
        static const unsigned char zeros[4096] = {0};                                                                  \
        begin(kind);                                                                                                   \
        file_tensor(&file, name, dtype, shape, zeros, bytes);                                                          \
        file_finish(&file);                                                                                            \
        expect(__LINE__, kind, title, PATROL_ERROR_##expected, culprit);                                               \
    } while (0)

static void set_length(uint64_t length) {
    size_t byte;
    for (byte = 0; byte < 8; byte += 1) file.bytes[byte] = (unsigned char)(length >> (8 * byte));
}

static void check_container(enum kind kind) {
    ROW(kind, "no bytes", INVALID_FILE, "0", file.length = 0);
    ROW(kind, "7 bytes", INVALID_FILE, "7", file.length = 7);
    ROW(kind, "the length alone", INVALID_FILE, "", file.length = 8);
    ROW(kind, "a byte short", INVALID_FILE, "", file.length -= 1);
    ROW(kind, "a byte too many", INVALID_FILE, "", file.length += 1);
    ROW(kind, "header of 0 bytes", INVALID_FILE, "", set_length(0));
    ROW(kind, "header longer than the file", INVALID_FILE, "", set_length(file.length - 7));
    ROW(kind, "header of 2^63 bytes", INVALID_FILE, "", set_length(UINT64_C(1) << 63));
    ROW(kind, "header of all the bytes there are", INVALID_FILE, "", set_length(UINT64_MAX));
    ROW(kind, "header is not an object", INVALID_FILE, "", file.bytes[8] = '[');
    ROW(kind, "not UTF-8", INVALID_FILE, "", file_replace(&file, "libpatrol", "lib\xFFpatrol"));
    ROW(kind, "no header end", INVALID_FILE, "", file.bytes[8 + file.header_length - 1] = ' ');
    ROW(kind, "an unknown type", INVALID_FILE, "F99", file_replace(&file, "F32", "F99"));
    ROW(kind, "a type that is not used here", UNSUPPORTED, "BOOL",
        file_replace(&file, "\"F32\",\"shape\":[", "\"BOOL\",\"shape\":[4,"));
    ROW(kind, "an offset with a sign", INVALID_FILE, "",
        file_replace(&file, "\"data_offsets\":[0,", "\"data_offsets\":[-0,"));
    ROW(kind, "an offset with a fraction", INVALID_FILE, "",
        file_replace(&file, "\"data_offsets\":[0,", "\"data_offsets\":[0.0,"));
    ROW(kind, "a hole before the first tensor", INVALID_FILE, "",
        file_replace(&file, "\"data_offsets\":[0,", "\"data_offsets\":[4,"));
    ROW(kind, "a shape that overflows", UNSUPPORTED, "",
        file_replace(&file, "\"shape\":[", "\"shape\":[4294967296,4294967296,"));
    ROW(kind, "nine dimensions", UNSUPPORTED, "", file_replace(&file, "\"shape\":[", "\"shape\":[1,1,1,1,1,1,1,1,"));
    ROW(kind, "a member too many", INVALID_FILE, "", file_replace(&file, "\"dtype\"", "\"kind\":1,\"dtype\""));
    ROW(kind, "metadata null", INVALID_FILE, "",
        file_replace(&file, "\"format_version\":\"1\"", "\"format_version\":null"));
    ROW(kind, "metadata twice", INVALID_FILE, "format", file_replace(&file, "\"format_version\"", "\"for\\u006dat\""));
    ROW(kind, "a later format", UNSUPPORTED, "format_version|2",
        file_replace(&file, "\"format_version\":\"1\"", "\"format_version\":\"2\""));
    ROW(kind, "another format", INVALID_FILE, "format|notes",
        file_replace(&file, kind == AREA ? "libpatrol area" : "libpatrol policy", "notes"));
    ROW(kind, "no format", INVALID_FILE, "format", file_replace(&file, "\"format\":", "\"formation\":"));
    EXTRA(kind, "a tensor of no known name", UNSUPPORTED, "ornament", "ornament", "F32", "2", 8);
}

static void check_area_tensors(void) {
    ROW(AREA, "no edges", INVALID_FILE, "edges", file_replace(&file, "\"edges\"", "\"e\\u0064ges_\""));
    ROW(AREA, "edges in three columns", INVALID_FILE, "edges", file_replace(&file, "[24,2]", "[16,3]"));
    ROW(AREA, "edges as numbers with a fraction", INVALID_FILE, "edges|F32",
        file_replace(&file, "\"edges\":{\"dtype\":\"I32\"", "\"edges\":{\"dtype\":\"F32\""));
    ROW(AREA, "no seconds", INVALID_FILE, "edge_patrol_seconds",
        file_replace(&file, "\"edge_patrol_seconds\":{\"dtype\":\"F32\",\"shape\":[24]",
                     "\"edge_patrol_seconds\":{\"dtype\":\"F32\",\"shape\":[24,1]"));
    ROW(AREA, "unknown coordinates", INVALID_FILE, "coordinate_system|polar", file_replace(&file, "planar", "polar"));
    ROW(AREA, "period of 5 hours", INVALID_FILE, "period_hours|5",
        file_replace(&file, "\"period_hours\":\"1\"", "\"period_hours\":\"5\""));
    ROW(AREA, "demand of another period", INVALID_FILE, "demand_calls_per_hour",
        file_replace(&file, "\"period_hours\":\"1\"", "\"period_hours\":\"24\""));
    ROW(AREA, "an edge of the data leads nowhere", OUT_OF_RANGE, "edge|77",
        file.bytes[8 + file.header_length + sizeof c.coordinates] = 77);
    ROW(AREA, "a negative node", INVALID_FILE, "edges|-1",
        memset(file.bytes + 8 + file.header_length + sizeof c.coordinates, 0xFF, 4));
    ROW(AREA, "a coordinate NaN", INVALID_FILE, "coordinates", memset(file.bytes + 8 + file.header_length, 0xFF, 8));
}

/* An area file with travel factors, one of them broken where `factor` is not 1. */
static void begin_factors(const char *dtype, const char *shape, float factor) {
    begin(AREA);
    c.travel_factors[170] = factor;
    file_tensor(&file, "travel_factors", dtype, shape, c.travel_factors, sizeof c.travel_factors);
    file_finish(&file);
}

static void check_factors(void) {
    float factors[2 * PATROL_WEEK_HOURS];
    patrol_area *area = NULL;
    begin_factors("F32", "2,168", 1.5f);
    MUST(patrol_area_load_memory(file.bytes, file.length, NULL, &area, error));
    MUST(patrol_area_get_travel_factors(area, factors, error));
    CHECK(memcmp(factors, c.travel_factors, sizeof factors) == 0);
    patrol_area_destroy(area);
    ROW(AREA, "factors by hour, then mode", INVALID_FILE, "travel_factors", begin_factors("F32", "168,2", 1.0f));
    ROW(AREA, "factors in one row", INVALID_FILE, "travel_factors", begin_factors("F32", "336", 1.0f));
    ROW(AREA, "factors of one day", INVALID_FILE, "travel_factors", begin_factors("F32", "14,24", 1.0f));
    ROW(AREA, "factors as integers", INVALID_FILE, "travel_factors|I32", begin_factors("I32", "2,168", 1.0f));
    ROW(AREA, "a factor 0", INVALID_NUMBER, "travel_factors[1, 2]|0", begin_factors("F32", "2,168", 0.0f));
    ROW(AREA, "a factor infinite", INVALID_FILE, "travel_factors", begin_factors("F32", "2,168", INFINITY));
    ROW(AREA, "a factor NaN", INVALID_FILE, "travel_factors", begin_factors("F32", "2,168", NAN));
    ROW(AREA, "a factor too large", INVALID_NUMBER, "travel_factors[1, 2]|1000", begin_factors("F32", "2,168", 1e3f));
}

static void begin_limit(const char *name, const char *dtype, const char *shape) {
    static const int32_t below[2] = {-7, -7};
    static const float above[2] = {7, 7};
    const void *numbers = strcmp(dtype, "F32") == 0 ? (const void *)above : below;
    begin(POLICY);
    file_tensor(&file, name, dtype, shape, numbers, strcmp(shape, "2") == 0 ? 8 : 4);
    file_finish(&file);
}

static void check_policy_tensors(void) {
    ROW(POLICY, "features of a later table", UNSUPPORTED, "candidate/3",
        file_replace(&file, "candidate/1", "candidate/3"));
    ROW(POLICY, "features not named", INVALID_FILE, "pair.features",
        file_replace(&file, "\"pair.features\"", "\"pair.nothing\""));
    ROW(POLICY, "value of an unknown form", INVALID_FILE, "value.form|convex",
        file_replace(&file, "concave", "convex"));
    ROW(POLICY, "concave with a positive weight", INVALID_FILE, "value.form|concave|positive",
        file.bytes[file.length - 1] &= 0x7F);
    ROW(POLICY, "a weight NaN", INVALID_FILE, "patrol.0.weight",
        memset(file.bytes + 8 + file.header_length + 40, 0xFF, 4));
    ROW(POLICY, "layers that do not chain", INVALID_FILE, "patrol.2",
        file_replace(&file, "\"patrol.2.weight\":{\"dtype\":\"F32\",\"shape\":[1,3]",
                     "\"patrol.2.weight\":{\"dtype\":\"F32\",\"shape\":[3,1]"));
    ROW(POLICY, "a layer without bias", INVALID_FILE, "pair.0",
        file_replace(&file, "\"pair.0.bias\"", "\"pair.1.bias\""));
    ROW(POLICY, "input of another width", INVALID_FILE, "patrol.0|28", file_replace(&file, "[3,28]", "[28,3]"));
    ROW(POLICY, "requires_categories is no number", INVALID_FILE, "requires_categories|many",
        file_replace(&file, "\"seed\":\"7\"", "\"requires_categories\":\"many\""));
    ROW(POLICY, "requires_area is no hash", INVALID_FILE, "requires_area|xyz",
        file_replace(&file, "\"seed\":\"7\"", "\"requires_area\":\"xyz\""));
    ROW(POLICY, "a share above 1", INVALID_FILE, "dispatch.most_free_share|7.0|0 to 1",
        begin_limit("dispatch.most_free_share", "F32", "1"));
    ROW(POLICY, "two limits where there is one", INVALID_FILE, "patrol.most_free_share|1",
        begin_limit("patrol.most_free_share", "F32", "2"));
    ROW(POLICY, "a share that is a whole number", INVALID_FILE, "patrol.most_free_share|I32",
        begin_limit("patrol.most_free_share", "I32", "1"));
    ROW(POLICY, "a limit of no task", UNSUPPORTED, "value.most_free_share",
        begin_limit("value.most_free_share", "F32", "1"));
    ROW(POLICY, "an unknown unit", UNSUPPORTED, "dispatch.unit|-7", begin_limit("dispatch.unit", "I32", "1"));
    ROW(POLICY, "a unit of patrol", UNSUPPORTED, "patrol.unit", begin_limit("patrol.unit", "I32", "1"));
    EXTRA(POLICY, "a layer that is a number too many", UNSUPPORTED, "patrol.2.scale", "patrol.2.scale", "F32", "2", 8);
    ROW(AREA, "an area where a policy is expected", INVALID_FILE, "format", begin(POLICY); file_finish(&file));
    file_begin(&file, "\"format\":\"libpatrol policy\",\"format_version\":\"1\"");
    file_finish(&file);
    expect(__LINE__, POLICY, "a policy without networks", PATROL_ERROR_INVALID_FILE, "network");
}

/* No prefix of a good file loads, and no changed byte does harm. A handle that comes is usable and destroyed. */
static void check_every_byte(enum kind kind) {
    static const unsigned char replacements[] = {0x00, 0x22, 0x30, 0x39, 0x5D, 0x7B, 0x7D, 0xFF};
    patrol_error error;
    void *handle;
    size_t length, place, index;
    int32_t status;
    begin(kind);
    file_finish(&file);
    for (length = 0; length < file.length; length += length < file.header_length + 16 ? 1 : 97)
        if (!CHECK(load(kind, file.bytes, length, &handle, &error) == PATROL_ERROR_INVALID_FILE && handle == NULL))
            return;
    for (place = 0; place < 8 + file.header_length; place += 1)
        for (index = 0; index < sizeof replacements; index += 1) {
            unsigned char original = file.bytes[place];
            file.bytes[place] = replacements[index];
            status = load(kind, file.bytes, file.length, &handle, &error);
            if (!CHECK((status == PATROL_OK) == (handle != NULL))) return;
            destroy(kind, handle);
            file.bytes[place] = original;
        }
    MUST(load(kind, file.bytes, file.length, &handle, error));
    destroy(kind, handle);
}

static void check_paths(void) {
    patrol_area *area = NULL;
    patrol_policy *policy = NULL;
    patrol_error error;
    CHECK(patrol_area_load_file(NULL, NULL, &area, &error) == PATROL_ERROR_INVALID_ARGUMENT);
    CHECK(patrol_policy_load_file(NULL, &policy, &error) == PATROL_ERROR_INVALID_ARGUMENT);
    CHECK(patrol_area_load_memory(NULL, 8, NULL, &area, &error) == PATROL_ERROR_INVALID_ARGUMENT);
    CHECK(patrol_policy_load_memory("{}", 2, NULL, &error) == PATROL_ERROR_INVALID_ARGUMENT);
    check_refusal(__FILE__, __LINE__, "no such area", patrol_area_load_file("/nowhere/area", NULL, &area, &error),
                  PATROL_ERROR_IO, &error, "/nowhere/area");
    check_refusal(__FILE__, __LINE__, "no such policy", patrol_policy_load_file("/nowhere/policy", &policy, &error),
                  PATROL_ERROR_IO, &error, "/nowhere/policy");
    check_refusal(__FILE__, __LINE__, "a folder", patrol_area_load_file("/", NULL, &area, &error), PATROL_ERROR_IO,
                  &error, "/");
    CHECK(area == NULL && policy == NULL);
}

int main(void) {
    check_container(AREA);
    check_container(POLICY);
    check_area_tensors();
    check_factors();
    check_policy_tensors();
    check_every_byte(AREA);
    check_every_byte(POLICY);
    check_paths();
    return check_done("bad_files");
}
