/*
 * Areas that must be refused: each row breaks one value of the good city and names the status and what the message
 * must hold. A refusal leaves the caller's handle alone. Then the questions to a good area that must be refused.
 */
#include "city.h"

static city c;
static patrol_area *const untouched = (patrol_area *)&c;

static void expect(int line, const char *title, const patrol_area_arrays *arrays, int32_t expected,
                   const char *culprit) {
    patrol_area *area = untouched;
    patrol_error error;
    int32_t status;
    memset(&error, 0xA5, sizeof error);
    status = patrol_area_create(arrays, &c.options, &area, &error);
    check_refusal(__FILE__, line, title, status, expected, &error, culprit);
    if (!check(area == untouched, __FILE__, line, "%s: the handle was written", title)) patrol_area_destroy(area);
    check(patrol_area_create(arrays, &c.options, &area, NULL) == expected && area == untouched, __FILE__, line,
          "%s: differs without an error to fill", title);
}

#define ROW(title, expected, culprit, ...)                                                                             \
    do {                                                                                                               \
        city_init(&c);                                                                                                 \
        __VA_ARGS__;                                                                                                   \
        expect(__LINE__, title, &c.arrays, PATROL_ERROR_##expected, culprit);                                          \
    } while (0)

static void check_structs(void) {
    struct {
        patrol_area_arrays arrays;
        uint64_t tail;
    } later;
    patrol_area *area = NULL;

    city_init(&c);
    expect(__LINE__, "no arrays", NULL, PATROL_ERROR_INVALID_ARGUMENT, "arrays|NULL");
    CHECK(patrol_area_create(&c.arrays, &c.options, NULL, NULL) == PATROL_ERROR_INVALID_ARGUMENT);
    ROW("struct_size 0", STRUCT_SIZE, "struct_size|0", c.arrays.struct_size = 0);
    ROW("struct_size 3", STRUCT_SIZE, "struct_size|3", c.arrays.struct_size = 3);
    ROW("struct_size one field short", STRUCT_SIZE, "struct_size|112", c.arrays.struct_size = 112);
    ROW("options: struct_size 0", STRUCT_SIZE, "struct_size|0", c.options.struct_size = 0);
    ROW("options: struct_size 8", STRUCT_SIZE, "struct_size|8", c.options.struct_size = 8);

    city_init(&c);
    later.arrays = c.arrays;
    later.arrays.struct_size = sizeof later;
    later.tail = 1;
    expect(__LINE__, "a tail that is not zero", &later.arrays, PATROL_ERROR_STRUCT_SIZE, "struct_size|136");
    later.tail = 0;
    MUST(patrol_area_create(&later.arrays, NULL, &area, error));
    patrol_area_destroy(area);
}

static void check_graph(void) {
    ROW("no nodes", INVALID_ARGUMENT, "node_count|0", c.arrays.node_count = 0);
    ROW("too many nodes", INVALID_ARGUMENT, "node_count|4000001", c.arrays.node_count = 4000001);
    ROW("too many edges", INVALID_ARGUMENT, "edge_count|16000001", c.arrays.edge_count = 16000001);
    ROW("edges NULL", INVALID_ARGUMENT, "edges|NULL", c.arrays.edges = NULL);
    ROW("patrol seconds NULL", INVALID_ARGUMENT, "edge_patrol_seconds|NULL", c.arrays.edge_patrol_seconds = NULL);
    ROW("edge from a node that is not there", OUT_OF_RANGE, "edge|99", c.edges[6] = 99);
    ROW("edge to PATROL_NO_NODE", OUT_OF_RANGE, "edge|4294967295", c.edges[47] = PATROL_NO_NODE);
    ROW("patrol seconds NaN", INVALID_NUMBER, "edge_patrol_seconds|nan", c.patrol_seconds[5] = NAN);
    ROW("patrol seconds infinite", INVALID_NUMBER, "edge_patrol_seconds|inf", c.patrol_seconds[5] = INFINITY);
    ROW("patrol seconds negative", INVALID_NUMBER, "edge_patrol_seconds|-1", c.patrol_seconds[23] = -1);
    ROW("emergency seconds negative", INVALID_NUMBER, "edge_emergency_seconds|-2", c.emergency_seconds[0] = -2);
    ROW("unknown coordinates", INVALID_ARGUMENT, "coordinate_system|3", c.arrays.coordinate_system = 3);
    ROW("coordinates NULL", INVALID_ARGUMENT, "coordinates|NULL", c.arrays.coordinates = NULL);
    ROW("coordinate NaN", INVALID_NUMBER, "coordinates|nan", c.coordinates[7] = NAN);
    ROW("coordinate infinite", INVALID_NUMBER, "coordinates|inf", c.coordinates[0] = -INFINITY);
    ROW("latitude 95", OUT_OF_RANGE, "95", memset(c.coordinates, 0, sizeof c.coordinates); c.coordinates[3] = 95;
        c.arrays.coordinate_system = PATROL_COORDINATES_GEOGRAPHIC);
    ROW("longitude -181", OUT_OF_RANGE, "-181", memset(c.coordinates, 0, sizeof c.coordinates); c.coordinates[2] = -181;
        c.arrays.coordinate_system = PATROL_COORDINATES_GEOGRAPHIC);
    ROW("beat 4096", OUT_OF_RANGE, "beat|4096", c.beats[3] = 4096);
    ROW("beat -2", OUT_OF_RANGE, "beat|-2", c.beats[3] = -2);
    ROW("group 256", OUT_OF_RANGE, "group|256", c.groups[8] = 256);
    ROW("group -1", OUT_OF_RANGE, "group|-1", c.groups[8] = -1);
}

static void check_demand(void) {
    ROW("no categories", INVALID_ARGUMENT, "category_count|0", c.arrays.category_count = 0);
    ROW("65 categories", INVALID_ARGUMENT, "category_count|65", c.arrays.category_count = 65);
    ROW("period of 12 hours", INVALID_ARGUMENT, "period_hours|12", c.arrays.period_hours = 12);
    ROW("service NULL", INVALID_ARGUMENT, "category_service_seconds|NULL", c.arrays.category_service_seconds = NULL);
    ROW("service 0", INVALID_NUMBER, "category_service_seconds|0", c.service_seconds[1] = 0);
    ROW("service NaN", INVALID_NUMBER, "category_service_seconds|nan", c.service_seconds[1] = NAN);
    ROW("weight 0", INVALID_NUMBER, "category_weights|0", c.weights[0] = 0);
    ROW("weight infinite", INVALID_NUMBER, "category_weights|inf", c.weights[0] = INFINITY);
    ROW("demand node that is not there", OUT_OF_RANGE, "demand_nodes|9", c.demand_nodes[4] = 9);
    ROW("demand node twice", INVALID_ID, "demand_nodes|3", c.demand_nodes[4] = 3);
    ROW("more demand nodes than nodes", INVALID_ARGUMENT, "demand_node_count|10", c.arrays.demand_node_count = 10;
        c.arrays.demand_nodes = NULL);
    ROW("demand NULL", INVALID_ARGUMENT, "demand_calls_per_hour|NULL", c.arrays.demand_calls_per_hour = NULL);
    ROW("demand NaN", INVALID_NUMBER, "demand_calls_per_hour|nan", c.calls_per_hour[17] = NAN);
    ROW("demand negative", INVALID_NUMBER, "demand_calls_per_hour|-0.5", c.calls_per_hour[17] = -0.5f);
    ROW("demand infinite", INVALID_NUMBER, "demand_calls_per_hour|inf", c.calls_per_hour[0] = INFINITY);
    ROW("location that is not there", OUT_OF_RANGE, "patrol_locations|44", c.locations[0] = 44);
    ROW("location twice", INVALID_ID, "patrol_locations|7", c.locations[0] = 7);
    ROW("locations NULL", INVALID_ARGUMENT, "patrol_locations|NULL", c.arrays.patrol_locations = NULL);
    ROW("no demand points", INVALID_ARGUMENT, "max_demand_points|0", c.options.max_demand_points = 0);
    ROW("too many demand points", INVALID_ARGUMENT, "max_demand_points|4097", c.options.max_demand_points = 4097);
    ROW("spacing 0", INVALID_NUMBER, "patrol_spacing_seconds|0", c.options.patrol_spacing_seconds = 0);
    ROW("spacing NaN", INVALID_NUMBER, "patrol_spacing_seconds|nan", c.options.patrol_spacing_seconds = NAN);
}

#define FACTOR(title, culprit, index, value)                                                                           \
    ROW(title, INVALID_NUMBER, culprit, c.travel_factors[index] = value; c.arrays.travel_factors = c.travel_factors)

static void check_factors(void) {
    FACTOR("factor 0", "travel_factors[0, 0]|0", 0, 0.0f);
    FACTOR("factor below 0.1", "travel_factors[0, 167]|0.09", 167, 0.09f);
    FACTOR("factor above 10", "travel_factors[1, 0]|10.5", 168, 10.5f);
    FACTOR("factor negative", "travel_factors[1, 167]|-1", 335, -1.0f);
    FACTOR("factor infinite", "travel_factors[0, 3]|inf", 3, INFINITY);
    FACTOR("factor NaN", "travel_factors[1, 2]|nan", 170, NAN);
}

/* A caller's arrays of version 0.1 end before the factors, whatever follows them in memory. */
static void check_first_size(void) {
    patrol_area *area = NULL;
    float factors[2 * PATROL_WEEK_HOURS];
    size_t hour;
    city_init(&c);
    memset(&c.arrays.travel_factors, 0xA5, sizeof c.arrays.travel_factors);
    c.arrays.struct_size = 120;
    MUST(patrol_area_create(&c.arrays, &c.options, &area, error));
    MUST(patrol_area_get_travel_factors(area, factors, error));
    for (hour = 0; hour < 2 * PATROL_WEEK_HOURS; hour += 1) CHECK(factors[hour] == 1.0f);
    patrol_area_destroy(area);
}

/* Questions to an area. */

static uint32_t nodes[CITY_NODES], kept_nodes[CITY_NODES];
static float seconds[4], kept_seconds[4];

#define ASK(title, expected, culprit, call)                                                                            \
    do {                                                                                                               \
        patrol_error filled, *error = &filled;                                                                         \
        memset(error, 0xA5, sizeof *error);                                                                            \
        check_refusal(__FILE__, __LINE__, title, call, PATROL_ERROR_##expected, error, culprit);                       \
        check(memcmp(nodes, kept_nodes, sizeof nodes) == 0 && memcmp(seconds, kept_seconds, sizeof seconds) == 0,      \
              __FILE__, __LINE__, "%s: an output was written", title);                                                 \
    } while (0)

static void check_questions(const patrol_area *area) {
    const double here[4] = {0.0, 0.0, 510.0, -490.0}, nowhere[4] = {0.0, 0.0, 1.0, NAN};
    const uint32_t places[2] = {0, 8}, no_places[2] = {0, 9};
    patrol_area_info info = PATROL_AREA_INFO_INIT;
    size_t count = 77;
    memset(nodes, 0xA5, sizeof nodes);
    memset(seconds, 0xA5, sizeof seconds);
    memcpy(kept_nodes, nodes, sizeof nodes);
    memcpy(kept_seconds, seconds, sizeof seconds);

    ASK("info of NULL", INVALID_ARGUMENT, "area|NULL", patrol_area_get_info(NULL, &info, error));
    ASK("info into NULL", INVALID_ARGUMENT, "info|NULL", patrol_area_get_info(area, NULL, error));
    info.struct_size = 12;
    ASK("info of 12 bytes", STRUCT_SIZE, "struct_size|12", patrol_area_get_info(area, &info, error));
    CHECK(info.node_count == 0);
    ASK("locations of NULL", INVALID_ARGUMENT, "area|NULL",
        patrol_area_get_patrol_locations(NULL, nodes, 9, &count, error));
    ASK("locations without count", INVALID_ARGUMENT, "count|NULL",
        patrol_area_get_patrol_locations(area, nodes, 9, NULL, error));
    ASK("locations into NULL", INVALID_ARGUMENT, "nodes|NULL",
        patrol_area_get_patrol_locations(area, NULL, 9, &count, error));
    CHECK(count == 77);
    ASK("locations: too little room", CAPACITY, "8|9", patrol_area_get_patrol_locations(area, nodes, 8, &count, error));
    CHECK(count == 9);
    ASK("demand points: too little room", CAPACITY, "1|9",
        patrol_area_get_demand_points(area, nodes, 1, &count, error));

    ASK("nearest of NULL", INVALID_ARGUMENT, "xy|NULL", patrol_area_nearest_nodes(area, NULL, 1, nodes, NULL, error));
    ASK("nearest into NULL", INVALID_ARGUMENT, "nodes|NULL",
        patrol_area_nearest_nodes(area, here, 2, NULL, NULL, error));
    ASK("nearest to NaN", INVALID_NUMBER, "xy|nan", patrol_area_nearest_nodes(area, nowhere, 2, nodes, seconds, error));

    ASK("factors of NULL", INVALID_ARGUMENT, "area|NULL", patrol_area_get_travel_factors(NULL, seconds, error));
    ASK("factors into NULL", INVALID_ARGUMENT, "factors|NULL", patrol_area_get_travel_factors(area, NULL, error));
    ASK("mode 2", INVALID_ARGUMENT, "mode|2", patrol_area_travel_times(area, 2, places, 2, places, 2, seconds, error));
    ASK("origins NULL", INVALID_ARGUMENT, "origins|NULL",
        patrol_area_travel_times(area, PATROL_MODE_PATROL, NULL, 2, places, 2, seconds, error));
    ASK("destination that is not there", OUT_OF_RANGE, "destinations|9",
        patrol_area_travel_times(area, PATROL_MODE_PATROL, places, 2, no_places, 2, seconds, error));
    ASK("origin that is not there", OUT_OF_RANGE, "origins|9",
        patrol_area_travel_times(area, PATROL_MODE_PATROL, no_places, 2, places, 2, seconds, error));
    ASK("seconds NULL", INVALID_ARGUMENT, "seconds|NULL",
        patrol_area_travel_times(area, PATROL_MODE_PATROL, places, 2, places, 2, NULL, error));

    count = 77;
    ASK("path from a node that is not there", OUT_OF_RANGE, "origin|12",
        patrol_area_path(area, PATROL_MODE_PATROL, 12, 0, nodes, 9, &count, seconds, error));
    ASK("path in mode 7", INVALID_ARGUMENT, "mode|7",
        patrol_area_path(area, 7, 0, 1, nodes, 9, &count, seconds, error));
    ASK("path without count", INVALID_ARGUMENT, "count|NULL",
        patrol_area_path(area, PATROL_MODE_PATROL, 0, 8, nodes, 9, NULL, seconds, error));
    CHECK(count == 77);
    ASK("path: too little room", CAPACITY, "3|5",
        patrol_area_path(area, PATROL_MODE_PATROL, 0, 8, nodes, 3, &count, seconds, error));
    CHECK(count == 5);

    MUST(patrol_area_nearest_nodes(area, here, 2, nodes, seconds, error));
    CHECK(nodes[0] == 0 && nodes[1] == 4 && seconds[0] == 0.0f && fabsf(seconds[1] - 14.142136f) < 1e-3f);
    MUST(patrol_area_travel_times(area, PATROL_MODE_EMERGENCY, places, 2, places, 2, seconds, error));
    CHECK(seconds[0] == 0.0f && seconds[1] == 180.0f && seconds[2] == 180.0f && seconds[3] == 0.0f);
    MUST(patrol_area_path(area, PATROL_MODE_PATROL, 0, 8, nodes, 9, &count, seconds, error));
    CHECK(count == 5 && nodes[0] == 0 && nodes[4] == 8 && seconds[0] == 240.0f);
}

/* Without coordinates, and with a node that no road leads to. */
static void check_islands(void) {
    patrol_area *area = NULL;
    const double here[2] = {0.0, 0.0};
    const uint32_t ends[2] = {0, 8};
    size_t count = 77;
    city_init(&c);
    c.arrays.coordinate_system = PATROL_COORDINATES_NONE;
    c.arrays.coordinates = NULL;
    c.arrays.edge_count -= 2; /* without the last street, 7 - 8, */
    c.edges[2 * 18 + 1] = 2;  /* and with 5 -> 8 led back to 2, nothing leads to 8 */
    MUST(patrol_area_create(&c.arrays, NULL, &area, error));
    memset(nodes, 0xA5, sizeof nodes);
    memset(seconds, 0xA5, sizeof seconds);
    ASK("nearest without coordinates", UNSUPPORTED, "coordinates",
        patrol_area_nearest_nodes(area, here, 1, nodes, NULL, error));
    ASK("path to an island", UNREACHABLE, "0|8",
        patrol_area_path(area, PATROL_MODE_PATROL, 0, 8, nodes, 9, &count, seconds, error));
    CHECK(count == 77);
    MUST(patrol_area_travel_times(area, PATROL_MODE_PATROL, ends, 1, ends + 1, 1, seconds, error));
    CHECK(isinf(seconds[0]) && seconds[0] > 0);
    patrol_area_destroy(area);
}

int main(void) {
    patrol_area *area = city_area();
    check_structs();
    check_graph();
    check_demand();
    check_factors();
    check_first_size();
    check_questions(area);
    check_islands();
    patrol_area_destroy(area);
    return check_done("bad_areas");
}
