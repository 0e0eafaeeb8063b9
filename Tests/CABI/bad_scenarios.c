/*
 * Scenarios that must be refused: each row breaks one value of the good one and names the status and what the message must
 * hold. After every refusal the handle is as it was, and the good arrays make a scenario.
 */
#include "lab.h"

static patrol_area *area;
static lab l;

static void expect(int line, const char *title, int32_t expected, const char *culprit) {
    static lab before;
    patrol_scenario *const untouched = (patrol_scenario *)&l;
    patrol_scenario *scenario = untouched;
    patrol_error error;
    int32_t status;
    memset(&error, 0xA5, sizeof error);
    memcpy(&before, &l, sizeof l);
    status = patrol_scenario_create(area, &l.arrays, &scenario, &error);
    check_refusal(__FILE__, line, title, status, expected, &error, culprit);
    check(scenario == untouched, __FILE__, line, "%s: the handle was written", title);
    check(memcmp(&before, &l, sizeof l) == 0, __FILE__, line, "%s: an input was written", title);
    check(patrol_scenario_create(area, &l.arrays, &scenario, NULL) == expected, __FILE__, line,
          "%s: differs without an error to fill", title);
    lab_init(&l);
    status = patrol_scenario_create(area, &l.arrays, &scenario, NULL);
    if (check(status == PATROL_OK, __FILE__, line, "%s: the good scenario is refused afterwards", title))
        patrol_scenario_destroy(scenario);
}

#define ROW(title, expected, culprit, ...)                                                                             \
    do {                                                                                                               \
        lab_init(&l);                                                                                                  \
        __VA_ARGS__;                                                                                                   \
        expect(__LINE__, title, PATROL_ERROR_##expected, culprit);                                                     \
    } while (0)

/* Every number that must lie in a range, from below it to not a number. */
#define NUMBER(field, name)                                                                                            \
    do {                                                                                                               \
        ROW(#field " not a number", INVALID_NUMBER, name "|nan", l.field = NAN);                                       \
        ROW(#field " infinite", INVALID_NUMBER, name "|inf", l.field = INFINITY);                                      \
        ROW(#field " negative", INVALID_NUMBER, name "|-1", l.field = -1);                                             \
        ROW(#field " too large", INVALID_NUMBER, name, l.field = 1.5e12f);                                             \
    } while (0)

#define POSITIVE(field, name)                                                                                          \
    do {                                                                                                               \
        NUMBER(field, name);                                                                                           \
        ROW(#field " 0", INVALID_NUMBER, name "|0", l.field = 0);                                                      \
    } while (0)

static void check_null(void) {
    patrol_scenario *scenario = NULL;
    patrol_error error;
    lab_init(&l);
    check_refusal(__FILE__, __LINE__, "no area", patrol_scenario_create(NULL, &l.arrays, &scenario, &error),
                  PATROL_ERROR_INVALID_ARGUMENT, &error, "area is NULL");
    check_refusal(__FILE__, __LINE__, "no arrays", patrol_scenario_create(area, NULL, &scenario, &error),
                  PATROL_ERROR_INVALID_ARGUMENT, &error, "arrays is NULL");
    check_refusal(__FILE__, __LINE__, "no scenario", patrol_scenario_create(area, &l.arrays, NULL, &error),
                  PATROL_ERROR_INVALID_ARGUMENT, &error, "scenario is NULL");
    CHECK(scenario == NULL);
}

static void check_sizes(void) {
    ROW("struct_size 0", STRUCT_SIZE, "struct_size|0", l.arrays.struct_size = 0);
    ROW("struct_size short", STRUCT_SIZE, "struct_size|8", l.arrays.struct_size = 8);
    ROW("struct_size huge", STRUCT_SIZE, "struct_size|4294967295", l.arrays.struct_size = UINT32_MAX);
    ROW("no units", INVALID_ARGUMENT, "unit_count|0", l.arrays.unit_count = 0);
    ROW("too many units", INVALID_ARGUMENT, "unit_count|4097", l.arrays.unit_count = 4097);
    ROW("unit stride", INVALID_ARGUMENT, "units|12", l.arrays.unit_stride = 12);
    ROW("shifts NULL", INVALID_ARGUMENT, "shifts is NULL", l.arrays.shifts = NULL);
    ROW("too many shifts", INVALID_ARGUMENT, "shift_count|65537", l.arrays.shift_count = 65537);
    ROW("countless shifts", INVALID_ARGUMENT, "shift_count", l.arrays.shift_count = SIZE_MAX);
    ROW("shift stride", INVALID_ARGUMENT, "shifts|15", l.arrays.shift_stride = 15);
    ROW("category stride", INVALID_ARGUMENT, "categories|4", l.arrays.category_stride = 4);
    ROW("samples NULL", INVALID_ARGUMENT, "service_samples is NULL", l.arrays.service_samples = NULL);
    ROW("countless samples", INVALID_ARGUMENT, "service_samples", l.arrays.service_sample_count = SIZE_MAX);
    ROW("storms NULL", INVALID_ARGUMENT, "storms is NULL", l.arrays.storms = NULL);
    ROW("too many storms", INVALID_ARGUMENT, "storm_count|1001", l.arrays.storm_count = 1001);
    ROW("storm stride", INVALID_ARGUMENT, "storms|23", l.arrays.storm_stride = 23);
    ROW("calls NULL", INVALID_ARGUMENT, "calls is NULL", l.arrays.call_count = 2, l.arrays.calls = NULL);
    ROW("countless calls", INVALID_ARGUMENT, "call_count", l.arrays.call_count = SIZE_MAX / 2);
    ROW("call stride", INVALID_ARGUMENT, "calls|36", l.arrays.call_count = 2, l.arrays.call_stride = 36);
    ROW("work NULL", INVALID_ARGUMENT, "work_per_hour is NULL", l.arrays.work_per_hour = NULL);
    ROW("work hours", INVALID_ARGUMENT, "work_hours|7", l.arrays.work_hours = 7);
    ROW("queue", INVALID_ARGUMENT, "queue_capacity|4097", l.arrays.queue_capacity = 4097);
    ROW("queue", INVALID_ARGUMENT, "queue_capacity|4294967295", l.arrays.queue_capacity = UINT32_MAX);
}

static void check_fleet(void) {
    ROW("id", INVALID_ID, "units[1].id", l.units[1].id = PATROL_NO_ID);
    ROW("same id", INVALID_ID, "units[2]|units[0]|70", l.units[2].id = 70);
    ROW("node", OUT_OF_RANGE, "units[1].start_node|9", l.units[1].start_node = 9);
    ROW("no node", OUT_OF_RANGE, "units[1].start_node|4294967295", l.units[1].start_node = PATROL_NO_NODE);
    ROW("beat", OUT_OF_RANGE, "units[0].home_beat|2", l.units[0].home_beat = 2);
    ROW("beat below", OUT_OF_RANGE, "units[0].home_beat|-2", l.units[0].home_beat = -2);
    ROW("shift's unit", OUT_OF_RANGE, "shifts[0].unit|3", l.shifts[0].unit = 3);
    ROW("shift's unit", OUT_OF_RANGE, "shifts[0].unit|4294967295", l.shifts[0].unit = UINT32_MAX);
    ROW("shift start", INVALID_NUMBER, "shifts[1]|168", l.shifts[1].start_hour = 168.0f);
    ROW("shift start", INVALID_NUMBER, "shifts[1]|nan", l.shifts[1].start_hour = NAN);
    ROW("shift end", INVALID_NUMBER, "shifts[0]|0.0 to 0.0", l.shifts[0].end_hour = 0.0f);
    ROW("shift end", INVALID_NUMBER, "shifts[0]|inf", l.shifts[0].end_hour = INFINITY);
    ROW("long shift", INVALID_NUMBER, "shifts[0]|168.5", l.shifts[0].end_hour = 168.5f);
    ROW("overlap", INVALID_ARGUMENT, "shifts[0]|shifts[1]|overlap", l.shifts[0].end_hour = 90.0f);
    ROW("overlap next week", INVALID_ARGUMENT, "shifts[0]|shifts[1]|overlap", l.shifts[1].end_hour = 169.0f);
    ROW("shift reserved", INVALID_ARGUMENT, "shifts[2].reserved|5", l.shifts[2].reserved = 5);
}

static void check_calls(void) {
    ROW("kind", INVALID_ARGUMENT, "categories[0].service_kind|4", l.categories[0].service_kind = 4);
    ROW("kind", INVALID_ARGUMENT, "categories[0].service_kind|-1", l.categories[0].service_kind = -1);
    POSITIVE(categories[0].service_mean_seconds, "categories[0].service_mean_seconds");
    NUMBER(categories[0].service_variation, "categories[0].service_variation");
    ROW("variation", INVALID_NUMBER, "service_variation|101", l.categories[0].service_variation = 101.0);
    POSITIVE(categories[1].weight, "categories[1].weight");
    ROW("priority", INVALID_ARGUMENT, "categories[0].priority|0", l.categories[0].priority = 0);
    ROW("priority", INVALID_ARGUMENT, "categories[0].priority|9", l.categories[0].priority = 9);
    ROW("units", INVALID_ARGUMENT, "categories[1].units_required|0", l.categories[1].units_required = 0);
    ROW("units", INVALID_ARGUMENT, "units_required|4294967295", l.categories[1].units_required = UINT32_MAX);
    ROW("no samples", OUT_OF_RANGE, "categories[1]|service_samples", l.categories[1].sample_count = 0);
    ROW("samples beyond", OUT_OF_RANGE, "categories[1]|4|2", l.categories[1].first_sample = 2);
    ROW("samples beyond", OUT_OF_RANGE, "4294967295", l.categories[1].first_sample = UINT32_MAX);
    ROW("samples beyond", OUT_OF_RANGE, "4294967295", l.categories[1].sample_count = UINT32_MAX);
    ROW("samples of 0", INVALID_NUMBER, "service_samples of categories[1]", l.categories[1].first_sample = 0,
        l.categories[1].sample_count = 1);
    NUMBER(samples[4], "service_samples[4]");
    POSITIVE(group_weights[1], "group_weights[1]");
    ROW("storm order", INVALID_NUMBER, "storms[0]|3600|3599", l.storms[0].end_seconds = 3599.0);
    ROW("storm start", INVALID_NUMBER, "storms[1]|nan", l.storms[1].start_seconds = NAN);
    ROW("storm start", INVALID_NUMBER, "storms[1]|-1", l.storms[1].start_seconds = -1.0);
    ROW("storm end", INVALID_NUMBER, "storms[1]|inf", l.storms[1].end_seconds = INFINITY);
    NUMBER(storms[0].multiplier, "storms[0].multiplier");
    ROW("storms together", INVALID_NUMBER, "3600000", l.storms[0].multiplier = 1e6);
    ROW("rates", INVALID_NUMBER, "3600000", l.arrays.rate_scale = 1e9);
}

static void check_log(void) {
    ROW("time", INVALID_NUMBER, "calls[0].time_seconds|-1", l.arrays.call_count = 4, l.calls[0].time_seconds = -1.0);
    ROW("time", INVALID_NUMBER, "calls[3].time_seconds|10000000000000", l.arrays.call_count = 4,
        l.calls[3].time_seconds = 1e13);
    ROW("time", INVALID_NUMBER, "calls[2].time_seconds|nan", l.arrays.call_count = 4, l.calls[2].time_seconds = NAN);
    ROW("order", INVALID_NUMBER, "calls[2].time_seconds|99|100", l.arrays.call_count = 4,
        l.calls[2].time_seconds = 99.0);
    ROW("node", OUT_OF_RANGE, "calls[1].node|9", l.arrays.call_count = 4, l.calls[1].node = 9);
    ROW("node", OUT_OF_RANGE, "calls[1].node|4294967295", l.arrays.call_count = 4, l.calls[1].node = PATROL_NO_NODE);
    ROW("category", OUT_OF_RANGE, "calls[1].category|2", l.arrays.call_count = 4, l.calls[1].category = 2);
    ROW("category", OUT_OF_RANGE, "calls[1].category|-1", l.arrays.call_count = 4, l.calls[1].category = -1);
    ROW("priority", INVALID_ARGUMENT, "calls[3].priority|9", l.arrays.call_count = 4, l.calls[3].priority = 9);
    ROW("priority", INVALID_ARGUMENT, "calls[3].priority|-1", l.arrays.call_count = 4, l.calls[3].priority = -1);
    ROW("service", INVALID_NUMBER, "calls[0].service_seconds|-1", l.arrays.call_count = 4,
        l.calls[0].service_seconds = -1.0f);
    ROW("service", INVALID_NUMBER, "calls[0].service_seconds|inf", l.arrays.call_count = 4,
        l.calls[0].service_seconds = INFINITY);
}

static void check_numbers(void) {
    uint32_t p;
    NUMBER(work[23], "work_per_hour[23]");
    ROW("work", INVALID_NUMBER, "work_per_hour[3]|3601", l.work[3] = 3601.0f);
    POSITIVE(arrays.work_mean_seconds, "work_mean_seconds");
    ROW("work priority", INVALID_ARGUMENT, "work_interruptible_priority|9", l.arrays.work_interruptible_priority = 9);
    ROW("work priority", INVALID_ARGUMENT, "work_interruptible_priority|-1", l.arrays.work_interruptible_priority = -1);
    NUMBER(arrays.out_of_service_per_hour, "out_of_service_per_hour");
    POSITIVE(arrays.out_of_service_mean_seconds, "out_of_service_mean_seconds");
    NUMBER(arrays.rate_scale, "rate_scale");
    NUMBER(arrays.overflow_seconds, "overflow_seconds");
    NUMBER(arrays.compliance, "compliance");
    ROW("compliance", INVALID_NUMBER, "compliance|1.5", l.arrays.compliance = 1.5);
    POSITIVE(arrays.reassessment_seconds, "reassessment_seconds");
    ROW("knows time left", INVALID_ARGUMENT, "knows_time_left|2", l.arrays.knows_time_left = 2);
    ROW("notice", INVALID_NUMBER, "notice_seconds|nan", l.arrays.notice_seconds = NAN);
    ROW("notice", INVALID_NUMBER, "notice_seconds|-1", l.arrays.notice_seconds = -1.0f);
    ROW("presence", INVALID_NUMBER, "presence_seconds|0", l.arrays.presence_seconds = 0.0f);
    ROW("presence", INVALID_NUMBER, "presence_seconds|nan", l.arrays.presence_seconds = NAN);
    ROW("absence", INVALID_NUMBER, "absence_price|-1", l.arrays.absence_price = -1.0f);
    ROW("absence", INVALID_NUMBER, "absence_price|inf", l.arrays.absence_price = INFINITY);
    ROW("notice alone", INVALID_ARGUMENT, "notice_seconds|60|knows_time_left", l.arrays.notice_seconds = 60.0f);
    ROW("reassessment", INVALID_NUMBER, "reassessment_seconds|0.5", l.arrays.reassessment_seconds = 0.5);
    NUMBER(arrays.start_seconds, "start_seconds");
    NUMBER(arrays.warm_up_seconds, "warm_up_seconds");
    for (p = 0; p < PATROL_PRIORITIES; p += 1) {
        char name[40];
        snprintf(name, sizeof name, "response_target_seconds[%u]", (unsigned)p);
        ROW("target", INVALID_NUMBER, name, l.arrays.response_target_seconds[p] = NAN);
        ROW("target", INVALID_NUMBER, name, l.arrays.response_target_seconds[p] = -1.0f);
        snprintf(name, sizeof name, "grace_seconds[%u]", (unsigned)p);
        ROW("grace", INVALID_NUMBER, name, l.arrays.grace_seconds[p] = NAN);
        ROW("grace", INVALID_NUMBER, name, l.arrays.grace_seconds[p] = -1.0f);
        snprintf(name, sizeof name, "late_price_seconds[%u]", (unsigned)p);
        ROW("late", INVALID_NUMBER, name, l.arrays.late_price_seconds[p] = NAN);
        ROW("late", INVALID_NUMBER, name, l.arrays.late_price_seconds[p] = INFINITY);
    }
}

/* Old callers with shorter elements are none yet, but new ones with longer ones are understood. */
static void check_strides(void) {
    struct {
        patrol_fleet_unit unit;
        uint64_t more;
    } units[LAB_UNITS];
    patrol_scenario *scenario = NULL;
    uint32_t k;
    lab_init(&l);
    for (k = 0; k < LAB_UNITS; k += 1) {
        units[k].unit = l.units[k];
        units[k].more = UINT64_MAX;
    }
    l.arrays.units = &units[0].unit;
    l.arrays.unit_stride = sizeof units[0];
    MUST(patrol_scenario_create(area, &l.arrays, &scenario, error));
    patrol_scenario_destroy(scenario);
}

int main(void) {
    area = city_area();
    check_null();
    check_sizes();
    check_fleet();
    check_calls();
    check_log();
    check_numbers();
    check_strides();
    patrol_area_destroy(area);
    return check_done("bad_scenarios");
}
