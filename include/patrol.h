/*
 * libpatrol: patrol moves and dispatch assignments for units that share a city's roads.
 *
 * The library decides; the host (computer-aided dispatch, a simulator, a script) keeps the state. At each
 * decision the host passes a snapshot of units and waiting calls and receives, within milliseconds, which
 * unit goes to which call and where the free units patrol meanwhile.
 *
 *     area     the road graph with beats, groups and demand      immutable, shared by threads
 *     policy   trained networks from a file                      immutable, shared by threads
 *     engine   area + policy + options, with derived tables      immutable, shared by threads
 *     session  working memory for decisions                      one thread at a time
 *
 * Method: Repasky, Wang & Xie, "Multi-Agent Reinforcement Learning for Joint Police Patrol and Dispatch",
 * arXiv 2409.02246; the dispatch program follows Delarue, Anderson & Tjandraatmadja, arXiv 2010.12001.
 *
 * CONVENTIONS, which hold for every function and are not repeated
 *
 * - Times are in seconds, rates in calls per hour, coordinates in the area's coordinate system. Nodes, beats, groups
 *   and categories count from 0; priorities from 1 (the most urgent) to PATROL_PRIORITIES.
 * - Times, weights, rates and prices are 0 ... 1e9, or above 0 where a comment says > 0; INFINITY and NAN are accepted
 *   where a comment gives them a meaning. A number outside its range is refused, never clipped.
 * - A function that can fail returns a status (PATROL_OK is 0) and, if `error` is not NULL, fills it with the
 *   status and a sentence that says which value is wrong and what was expected. On success `error` is not written,
 *   except when a decision leaves out bad rows (section 8).
 * - On failure every output is left as it was, nothing leaks, and every object stays usable.
 * - No value from a caller or a file ends the process, raises a signal or writes to stdout or stderr.
 *   What cannot be checked is up to the caller: a pointer that is not NULL must point to memory of the documented
 *   size and type, a handle must come from this library and not have been destroyed, a string must end with NUL.
 * - Handles are reference-counted: an engine keeps its area and policy alive, a session its engine. They may be
 *   destroyed in any order. Destroying NULL does nothing.
 * - Structs grow only at the end, and a caller compiled with an older header keeps working. Structs that start with
 *   `struct_size` are initialized by their PATROL_..._INIT macro, which states the size in this header: the library reads
 *   and writes no more than that, and takes the defaults for fields beyond it. A size larger than the library knows is
 *   accepted only if the unknown tail is zero (PATROL_ERROR_STRUCT_SIZE otherwise). Arrays of structs come with a stride in
 *   bytes, sizeof(element), for the same reason; 0 stands for the element's size in version 0.1.
 * - An ..._init function sets what its struct had in version 0.1, and says so in `struct_size` and strides: it is for
 *   languages that cannot use the macro, which sets every field.
 * - Several threads may use different sessions at once. The library starts no threads, keeps no global state (but a reserve of
 *   2 MB for the time in which memory is refused), and works after fork().
 * - If memory is refused, a function that needs it fails with PATROL_ERROR_OUT_OF_MEMORY; nothing else happens.
 * - Numbers are computed in the default floating-point environment, whatever rounding mode or traps the calling thread has
 *   set; these and its exception flags are left as they were.
 */
#ifndef PATROL_H
#define PATROL_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------------------------
 * 1. Version
 * ---------------------------------------------------------------------------------------------------------------- */

#define PATROL_ABI_VERSION 1u
#define PATROL_VERSION "0.1.0"

/* The ABI version the library was built with. Thread-safety: any thread. */
uint32_t patrol_abi_version(void);

/* The library's version, "major.minor.patch"; static memory. Thread-safety: any thread. */
const char *patrol_version(void);

typedef struct patrol_error patrol_error;

/*
 * Checks that this library serves callers compiled against `abi_version` (pass PATROL_ABI_VERSION).
 * Errors: VERSION_MISMATCH, whose sentence names both versions.
 * Thread-safety: any thread.
 */
int32_t patrol_abi_check(uint32_t abi_version, patrol_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * 2. Status codes and errors
 * ---------------------------------------------------------------------------------------------------------------- */

#define PATROL_OK 0
#define PATROL_ERROR_INVALID_ARGUMENT 1 /* NULL where a pointer is needed, or a value outside its documented range */
#define PATROL_ERROR_STRUCT_SIZE 2      /* an unknown struct_size, or an unknown tail that is not zero */
#define PATROL_ERROR_VERSION_MISMATCH 3 /* caller and library versions do not match */
#define PATROL_ERROR_OUT_OF_MEMORY 4
#define PATROL_ERROR_IO 5             /* a file cannot be opened or read */
#define PATROL_ERROR_INVALID_FILE 6   /* the bytes are not a valid file of the kind expected */
#define PATROL_ERROR_UNSUPPORTED 7    /* valid, but not supported by this library */
#define PATROL_ERROR_MISMATCH 8       /* policy, area and options do not fit together */
#define PATROL_ERROR_OUT_OF_RANGE 9   /* a node, beat, group, category or index the area does not have */
#define PATROL_ERROR_INVALID_NUMBER 10 /* NaN, infinite, negative, or too large for the quantity */
#define PATROL_ERROR_INVALID_ID 11    /* a duplicate id, or a reference to an id that does not exist */
#define PATROL_ERROR_CAPACITY 12      /* an output buffer is too small: call again with a larger one */
#define PATROL_ERROR_UNREACHABLE 13   /* no path between two places */
#define PATROL_ERROR_UNKNOWN_NAME 14  /* an unknown policy or network name */
#define PATROL_ERROR_INTERNAL 15      /* a defect in this library, found by its own checks */
#define PATROL_ERROR_SESSION_TOO_SMALL 16 /* more units or incidents than the session holds: create a larger one */
#define PATROL_ERROR_NO_TIME 17       /* the deadline or the cancel flag ended the call before it had an answer */

/* A static name such as "INVALID_ARGUMENT", or "UNKNOWN" for any other number. Thread-safety: any thread. */
const char *patrol_status_name(int32_t status);

/* Owned by the caller; this layout never changes. */
struct patrol_error {
    int32_t status;
    char message[508]; /* UTF-8, NUL-terminated; a longer sentence is cut between characters */
};

/* ------------------------------------------------------------------------------------------------------------------
 * 3. Area: road graph, beats, groups, demand
 * ---------------------------------------------------------------------------------------------------------------- */

typedef struct patrol_area patrol_area;

#define PATROL_NO_NODE UINT32_MAX
#define PATROL_NO_ID UINT64_MAX
#define PATROL_PRIORITIES 8
#define PATROL_WEEK_HOURS 168

#define PATROL_COORDINATES_NONE 0u       /* no coordinates: units and calls are placed by node */
#define PATROL_COORDINATES_PLANAR 1u     /* x, y in metres */
#define PATROL_COORDINATES_GEOGRAPHIC 2u /* x = longitude, y = latitude, degrees (WGS 84) */

#define PATROL_MODE_PATROL 0u    /* ordinary driving */
#define PATROL_MODE_EMERGENCY 1u /* lights and sirens */

/* A service area as arrays. All are copied; the caller may free them when the call returns.
 *
 * Edge times, including those of edge changes, are rounded to the nearest millisecond; travel times are sums of these, with no
 * further rounding except of the result to a float. Travel of 2,147,483.647 s (about 24 days) or more counts as no path. Graphs
 * whose routing hierarchy has more than 1,048,576 + 16 * (node_count + edge_count) arcs are refused (UNSUPPORTED): real maps have
 * about four arcs per node; a graph that joins every one of 1,000 nodes to every other has half a million in all.
 *
 * Travel factors multiply travel times by mode and by the hour of the week in which a unit departs, on all roads alike: a decision
 * takes the hour of its snapshot's time_seconds. A travel time is the area's own, rounded to a float, times the factor, rounded to
 * the nearest float. Everything that comes from travel times follows: what rules and limits compare, all features, the simulator.
 * Demand points, posts and patrol locations stay the same, since all ways grow alike, and so does patrol_spacing_seconds. Not
 * multiplied are the host's own travel times and seconds_to_node, which it measures at that hour. */
typedef struct patrol_area_arrays {
    uint32_t struct_size;
    uint32_t coordinate_system;         /* PATROL_COORDINATES_... */
    uint32_t node_count;                /* 1 ... 4,000,000 */
    uint32_t edge_count;                /* directed edges, at most 16,000,000 */
    const double *coordinates;          /* [node_count, 2]: x, y, within 1e9; NULL with PATROL_COORDINATES_NONE */
    const uint32_t *edges;              /* [edge_count, 2]: from, to */
    const float *edge_patrol_seconds;   /* [edge_count], >= 0 */
    const float *edge_emergency_seconds; /* [edge_count], >= 0; NULL: same as patrol */
    const int32_t *node_beats;          /* [node_count], 0 ... 4095, or -1 for none; NULL: no beats */
    const int32_t *node_groups;         /* [node_count], population group 0 ... 255; NULL: one group */
    uint32_t category_count;            /* of calls, 1 ... 64 */
    uint32_t period_hours;              /* 1, 24 or 168: demand repeats after this many hours, from Monday 00:00 */
    const float *category_service_seconds; /* [category_count], mean time on scene, > 0 */
    const float *category_weights;      /* [category_count], > 0: weight of a waiting call; NULL: 1 */
    uint32_t demand_node_count;         /* nodes with demand; 0: uniform demand of unspecified volume */
    uint32_t patrol_location_count;     /* at most 4096; 0: chosen by the library (see patrol_area_options) */
    const uint32_t *demand_nodes;       /* [demand_node_count], distinct; NULL: nodes 0 ... demand_node_count-1 */
    const float *demand_calls_per_hour; /* [demand_node_count, category_count, period_hours], >= 0 */
    const uint32_t *patrol_locations;   /* [patrol_location_count], distinct nodes that units patrol between */
    const float *travel_factors;        /* [2, PATROL_WEEK_HOURS], 0.1 ... 10: PATROL_MODE_PATROL, then _EMERGENCY, by hour
                                           from Monday 00:00; NULL: 1 */
} patrol_area_arrays;

#define PATROL_AREA_ARRAYS_INIT                                                                                        \
    {(uint32_t)sizeof(patrol_area_arrays), PATROL_COORDINATES_NONE, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1,    \
     NULL, NULL, 0, 0, NULL, NULL, NULL, NULL}
void patrol_area_arrays_init(patrol_area_arrays *arrays);

/* How the decision tables are derived from an area. */
typedef struct patrol_area_options {
    uint32_t struct_size;
    /* Coverage sums run over at most this many demand points (1 ... 4096). If the area has more demand
     * nodes, they are clustered: each is represented by the nearest chosen point. Default 256. */
    uint32_t max_demand_points;
    /* Spacing of patrol locations when the library chooses them (seconds, patrol driving, > 0); in areas of
     * at most max_demand_points nodes every node is a patrol location. A spacing that needs more than 4096
     * locations is enlarged, a quarter at a time, until it does not. Default 90. */
    float patrol_spacing_seconds;
    uint32_t reserved;
} patrol_area_options;

#define PATROL_AREA_OPTIONS_INIT {(uint32_t)sizeof(patrol_area_options), 256, 90.0f, 0}
void patrol_area_options_init(patrol_area_options *options);

/*
 * Creates an area. `options` may be NULL.
 * Errors: INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_RANGE, INVALID_NUMBER, INVALID_ID (a node listed twice), UNSUPPORTED (too
 * large a routing hierarchy, see patrol_area_arrays), OUT_OF_MEMORY.
 * Thread-safety: any thread.
 */
int32_t patrol_area_create(const patrol_area_arrays *arrays, const patrol_area_options *options, patrol_area **area,
                           patrol_error *error);

/*
 * Loads an area file (safetensors; format in share/doc/libpatrol/Formats.md). `options` may be NULL.
 * Errors: IO, INVALID_FILE, UNSUPPORTED, and those of patrol_area_create.
 * Thread-safety: any thread.
 */
int32_t patrol_area_load_file(const char *path, const patrol_area_options *options, patrol_area **area,
                              patrol_error *error);
int32_t patrol_area_load_memory(const void *bytes, size_t count, const patrol_area_options *options,
                                patrol_area **area, patrol_error *error);

/* Thread-safety: any thread, once no other uses this handle; engines and scenarios of the area go on. */
void patrol_area_destroy(patrol_area *area);

typedef struct patrol_area_info {
    uint32_t struct_size;
    uint32_t coordinate_system;
    uint32_t node_count;
    uint32_t edge_count;
    uint32_t beat_count;  /* highest beat + 1 */
    uint32_t group_count; /* highest group + 1 */
    uint32_t category_count;
    uint32_t period_hours;
    uint32_t demand_point_count;
    uint32_t patrol_location_count;
    uint64_t content_hash; /* of arrays and options: equal areas have equal hashes on every machine */
    double calls_per_hour; /* mean over the period */
} patrol_area_info;

#define PATROL_AREA_INFO_INIT {(uint32_t)sizeof(patrol_area_info), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0}
void patrol_area_info_init(patrol_area_info *info);

/* Errors: INVALID_ARGUMENT, STRUCT_SIZE. Thread-safety: any thread. */
int32_t patrol_area_get_info(const patrol_area *area, patrol_area_info *info, patrol_error *error);

/*
 * The nodes that units patrol between, and the nodes that represent demand, in ascending order. `count` always
 * receives their number; to ask for it alone, pass NULL for `nodes` and capacity 0.
 * Errors: INVALID_ARGUMENT, CAPACITY.
 * Thread-safety: any thread.
 */
int32_t patrol_area_get_patrol_locations(const patrol_area *area, uint32_t *nodes, size_t capacity, size_t *count,
                                         patrol_error *error);
int32_t patrol_area_get_demand_points(const patrol_area *area, uint32_t *nodes, size_t capacity, size_t *count,
                                      patrol_error *error);

/*
 * The node nearest to each of `count` coordinates (straight line).
 *   xy       [count, 2], finite, in the area's coordinate system
 *   nodes    [count]
 *   metres   [count] or NULL: distance to that node; INFINITY if it is too large to compute, and the node is then 0
 * Errors: INVALID_ARGUMENT, INVALID_NUMBER, OUT_OF_RANGE (not a valid longitude or latitude), UNSUPPORTED (an area
 * without coordinates).
 * Thread-safety: any thread.
 */
int32_t patrol_area_nearest_nodes(const patrol_area *area, const double *xy, size_t count, uint32_t *nodes,
                                  float *metres, patrol_error *error);

/*
 * What travel times are multiplied by: [2, PATROL_WEEK_HOURS], as in patrol_area_arrays; 1 in an area without travel factors.
 * Errors: INVALID_ARGUMENT.
 * Thread-safety: any thread.
 */
int32_t patrol_area_get_travel_factors(const patrol_area *area, float *factors, patrol_error *error);

/*
 * Shortest travel times between nodes, before travel factors.
 *   mode     PATROL_MODE_...
 *   seconds  [origin_count, destination_count], row = origin; INFINITY if there is no path
 * Errors: INVALID_ARGUMENT, OUT_OF_RANGE, OUT_OF_MEMORY.
 * Thread-safety: any thread.
 */
int32_t patrol_area_travel_times(const patrol_area *area, uint32_t mode, const uint32_t *origins, size_t origin_count,
                                 const uint32_t *destinations, size_t destination_count, float *seconds,
                                 patrol_error *error);

/*
 * A shortest path, both ends included, and its travel time before travel factors. `count` receives the number of nodes even
 * when `capacity` is too small (it is the only output written in that case); `nodes` may be NULL with capacity 0. `seconds`
 * may be NULL.
 * Errors: INVALID_ARGUMENT, OUT_OF_RANGE, UNREACHABLE, CAPACITY, OUT_OF_MEMORY.
 * Thread-safety: any thread.
 */
int32_t patrol_area_path(const patrol_area *area, uint32_t mode, uint32_t origin, uint32_t destination,
                         uint32_t *nodes, size_t capacity, size_t *count, float *seconds, patrol_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * 4. Policy: trained networks
 * ---------------------------------------------------------------------------------------------------------------- */

typedef struct patrol_policy patrol_policy;

/*
 * Loads a policy file (safetensors; format in share/doc/libpatrol/Formats.md).
 * Errors: INVALID_ARGUMENT, IO, INVALID_FILE, UNSUPPORTED, OUT_OF_MEMORY.
 * Thread-safety: any thread.
 */
int32_t patrol_policy_load_file(const char *path, patrol_policy **policy, patrol_error *error);
int32_t patrol_policy_load_memory(const void *bytes, size_t count, patrol_policy **policy, patrol_error *error);

/* Thread-safety: any thread, once no other uses this handle or strings of the policy; its engines go on. */
void patrol_policy_destroy(patrol_policy *policy);

#define PATROL_POLICY_HAS_PATROL 1u /* "patrol": values of candidate moves, table candidate/1 or candidate/2 */
#define PATROL_POLICY_HAS_PAIR 2u   /* "pair": separable value of an assignment, table pair/1 */
#define PATROL_POLICY_HAS_VALUE 4u  /* "value": value of the state after the decision, table state/1 */

/* A mean call that waits for ... */
#define PATROL_DISPATCH_UNIT_MINUTE 0u    /* a minute */
#define PATROL_DISPATCH_UNIT_POST_TIME 1u /* the mean travel time from the nearest of as many posts as units on duty */

typedef struct patrol_policy_info {
    uint32_t struct_size;
    uint32_t networks;         /* PATROL_POLICY_HAS_... */
    uint32_t value_is_concave; /* 1: the value is concave in its input, so the program needs no binary variables for it */
    uint32_t tensor_count;
    uint32_t metadata_count;
    uint32_t requires_categories; /* category_count the area must have; 0: any */
    uint64_t requires_area;       /* content_hash the area must have; 0: any */
    uint64_t content_hash;        /* of the file's bytes */
    float patrol_most_free_share;   /* while a larger share of the units on duty is free, the policy abstains from patrol, */
    float dispatch_most_free_share; /* and from dispatch: see patrol_engine_options; 1: never */
    uint32_t dispatch_unit;         /* PATROL_DISPATCH_UNIT_...: what an output of 1 of "pair" and "value" is worth */
    uint32_t reserved;
} patrol_policy_info;

#define PATROL_POLICY_INFO_INIT {(uint32_t)sizeof(patrol_policy_info), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
void patrol_policy_info_init(patrol_policy_info *info);

/* Errors: INVALID_ARGUMENT, STRUCT_SIZE. Thread-safety: any thread. */
int32_t patrol_policy_get_info(const patrol_policy *policy, patrol_policy_info *info, patrol_error *error);

/*
 * Tensor `index` of the file: its name, its dtype ("F32", ...), and its shape.
 *   shape  [8] or NULL; receives `rank` sizes
 * The strings live as long as the policy. Errors: INVALID_ARGUMENT, OUT_OF_RANGE. Thread-safety: any thread.
 */
int32_t patrol_policy_get_tensor(const patrol_policy *policy, uint32_t index, const char **name, const char **dtype,
                                 uint64_t *shape, uint32_t *rank, patrol_error *error);

/*
 * Metadata entry `index` of the file (this includes training provenance).
 * The strings live as long as the policy. Errors: INVALID_ARGUMENT, OUT_OF_RANGE. Thread-safety: any thread.
 */
int32_t patrol_policy_get_metadata(const patrol_policy *policy, uint32_t index, const char **key, const char **value,
                                   patrol_error *error);

/*
 * Evaluates one network of the policy on a batch; a row's result does not depend on the batch it is in.
 *   network  "patrol", "pair" or "value"
 *   input    [rows, input width], row-major; a NaN in a row makes its output NaN
 *   output   [rows]
 * Errors: INVALID_ARGUMENT (also if `input_width` is not the network's), UNKNOWN_NAME (also if the policy has no
 * network of that name), OUT_OF_MEMORY.
 * Thread-safety: any thread. Allocates: decisions use the session's memory instead.
 */
int32_t patrol_policy_evaluate(const patrol_policy *policy, const char *network, size_t rows, size_t input_width,
                               const float *input, float *output, patrol_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * 5. Engine: area + policy + options
 * ---------------------------------------------------------------------------------------------------------------- */

typedef struct patrol_engine patrol_engine;

/*
 * Policies by name; share/doc/libpatrol/Policies.md describes each.
 *
 * patrol: "learned" (needs the network "patrol"), "stay", "random_walk", "demand_walk", "fixed_posts",
 *         "compliance_table", "marginal_coverage", "backup_coverage", "dmexclp"
 * dispatch: "learned" (needs "pair", "value" or both), "closest_fcfs", "priority_closest",
 *         "own_beat_first", "minimum_weighted_travel", "weighted_index"
 *
 * A policy file may say that its networks are for states in which no more than a share of the units on duty is free
 * (patrol_policy_info). In all others "learned" abstains: patrol is then "backup_coverage", dispatch "minimum_weighted_travel", in
 * everything that this header says of a decision, and patrol_answer.abstained says so. Free are units on patrol: to dispatch also
 * those that may be diverted, to patrol not those that the same call dispatches.
 */
typedef struct patrol_engine_options {
    uint32_t struct_size;
    uint32_t home_beat_patrol;   /* 1: a unit patrols only its home beat and leaves it only to respond: "fixed_posts",
                                    "compliance_table" and "dmexclp" then choose posts in each beat, for its units and
                                    its demand. Default 0 */
    const char *patrol_policy;   /* NULL: "learned" if the policy has it, else "marginal_coverage" */
    const char *dispatch_policy; /* NULL: "learned" if the policy has it, else "minimum_weighted_travel" */
    const float *group_weights;  /* [group_count of the area], > 0: multiplies the weight of calls there; NULL: 1 */
    uint64_t seed;               /* of policies with random choices; a choice depends only on seed, time and ids */

    /* Patrol */
    float stay_seconds;     /* how long a stay lasts, > 0. Default 60 */
    float keep_target_gain; /* a unit keeps its current target unless another place is better by more than this (in the
                               policy's value; >= 0). Default 0.01 */
    float stale_position_seconds; /* a free unit whose position is older gets neither move nor call. Default INFINITY */

    /* Dispatch: the department's rules. They bind "learned" and every heuristic alike. */
    int32_t never_hold_priority; /* a call of this priority or more urgent is never held while an eligible unit is free;
                                    0: off. Default 1 */
    uint32_t strict_priority;    /* 1: a unit may serve a call only if every more urgent call that it could serve is
                                    served too, or is held by a rule. Default 1 */
    /* By priority: a call that has waited this long is no longer held; >= 0 or INFINITY.
     * Default 0, 600, 1200, then 1800. */
    float longest_hold_seconds[PATROL_PRIORITIES];
    float maximum_travel_seconds;   /* pairs farther apart are not eligible. Default INFINITY */
    float shift_end_margin_seconds; /* a unit with less time left until its shift ends is not assigned. Default 0 */
    float own_beat_penalty_seconds; /* added to the travel time of units from other beats when choosing; INFINITY:
                                       only units of the call's beat may serve it. Default 0 */
    uint32_t reserve_per_beat; /* free units that calls which may be held must leave in each home beat, at most 4096.
                                  Default 0 */
    float reserve_price;       /* weighted seconds for each unit below the reserve; INFINITY (default): never below. A finite
                                  price is part of the objective: heuristics without an objective ignore it */
    /* [p-1][q-1] = 1: a unit on its way to a call of priority p may be diverted to one of priority q. It continues if
     * nothing better is found for it: "learned" and "minimum_weighted_travel" divert it if that improves the objective, the
     * other heuristics for a call that comes before its own in their order. Default 0. */
    uint8_t preemption[PATROL_PRIORITIES][PATROL_PRIORITIES];

    /* Dispatch: objective and solver */
    float discount_rate; /* per second, >= 0. Default 2.52e-4 (0.985 a minute) */
    uint32_t compliance_rows; /* fleet sizes 1 ... this have p-median posts, 1 ... 512. Default 64 */

    /* Dispatch: one more rule, travel limits for holding while few units are free. A call that the rules above allow to be
     * held is served only by units whose travel time is at most hold_travel_seconds[min(F, hold_rows) - 1][category], or that
     * are already on their way to it. F is the number of units on patrol, minus the units that calls which may not be held
     * still need (at most as many as are eligible), minus those that this decision sends to calls which may be held; it is at
     * least 1. Heuristics count the units in the order in which they assign them; programs ("learned",
     * "minimum_weighted_travel") in the order that allows the most assignments. Limits of 0 and INFINITY are the cutoff
     * priorities of Schaack & Larson (1986, 1989): a call is served only while more than a given number of units is free. */
    size_t hold_rows; /* at most 64; the last row also applies to more free units. Default 0: no limits */
    const float *hold_travel_seconds; /* [hold_rows, category_count of the area], never less than in the row before;
                                         0: by no unit, INFINITY: by any */

    float maximum_snap_metres; /* a unit or call whose coordinates are farther than this from every node is outside the
                                  area: its row is left out (OUT_OF_RANGE). >= 0 or INFINITY. Default 5000 */
    uint32_t reserved;
    uint32_t arrive_before_shift_end; /* 1: a unit is assigned only to calls that it reaches shift_end_margin_seconds before its
                                         shift ends. Default 0 */
    uint32_t reserved_2;

    /* Dispatch: a call may wait for a busy unit (PATROL_WAIT_PLANNED, patrol_plan) that is expected there before every free unit that
     * may serve it: if its seconds_until_arrival + plan_margin * (its late_seconds_until_arrival - seconds_until_arrival), with the
     * penalty for other beats, is less than the travel of each of them. 0: what is expected counts alone; 1: what it is nine times
     * in ten; >= 0. Default INFINITY: no call waits for a busy unit. Only calls that may be held, miss one unit and are not
     * all-or-none wait so, the most urgent first; each busy unit is for one call, and calls that find no free unit come before less
     * urgent ones. The decision is then made without the calls that wait so, and they keep no unit from others. Choosing them takes
     * time that patrol_session_least_deadline does not measure. */
    float plan_margin;
    uint32_t reserved_3;
} patrol_engine_options;

#define PATROL_ENGINE_OPTIONS_INIT                                                                                     \
    {(uint32_t)sizeof(patrol_engine_options), 0, NULL, NULL, NULL, 0, 60.0f, 0.01f, INFINITY, 1, 1,                    \
     {0.0f, 600.0f, 1200.0f, 1800.0f, 1800.0f, 1800.0f, 1800.0f, 1800.0f}, INFINITY, 0.0f, 0.0f, 0, INFINITY,          \
     {{0}}, 2.52e-4f, 64, 0, NULL, 5000.0f, 0, 0, 0, INFINITY, 0}
void patrol_engine_options_init(patrol_engine_options *options);

/*
 * Creates an engine from an area, a policy (NULL: heuristics only) and options (NULL: defaults).
 * Errors: INVALID_ARGUMENT, STRUCT_SIZE, INVALID_NUMBER, UNKNOWN_NAME, MISMATCH (the policy does not fit the area, or
 * lacks a network that an option names), OUT_OF_MEMORY.
 * Thread-safety: any thread.
 */
int32_t patrol_engine_create(const patrol_area *area, const patrol_policy *policy,
                             const patrol_engine_options *options, patrol_engine **engine, patrol_error *error);

/*
 * Counts one more owner of an engine: each destroys it once, and the last time counts. NULL does nothing.
 * Thread-safety: any thread.
 */
void patrol_engine_retain(patrol_engine *engine);

/* Thread-safety: any thread, once no other uses this handle; sessions and simulations of the engine go on. */
void patrol_engine_destroy(patrol_engine *engine);

/* ------------------------------------------------------------------------------------------------------------------
 * 6. Session: working memory
 * ---------------------------------------------------------------------------------------------------------------- */

typedef struct patrol_session patrol_session;

/*
 * Working memory for snapshots of at most `max_units` units (1 ... 4096) and `max_incidents` incidents (0 ... 4096).
 * All of it is allocated here; decisions allocate nothing, except for edge changes. The first decision with edge changes
 * allocates 16 bytes per arc of the routing hierarchy (40 to 70 bytes per node of a real map) and 9 bytes per node; a later one
 * only if it has more changes than any before and more than 64, up to 128 bytes per change. Repeating the changes of the previous
 * decision costs only a comparison.
 * If a snapshot has more than 262,144 eligible pairs (or strict priority has to compare more than 4,194,304), each
 * call considers as many of its nearest units as fit.
 * Errors: INVALID_ARGUMENT, OUT_OF_MEMORY.
 * Thread-safety: any thread; the session itself belongs to one thread at a time.
 */
int32_t patrol_session_create(const patrol_engine *engine, uint32_t max_units, uint32_t max_incidents,
                              patrol_session **session, patrol_error *error);

/*
 * The memory that patrol_session_create takes for a session of these sizes, in bytes. Pages of it that no decision needs take
 * up none: there is room for calls of which each has every kind of needs, and for a long search. Where calls have none, most of it
 * stays unused: with 500 units and 100 calls five sixths.
 * Adds up what would be allocated, and allocates a few kilobytes meanwhile.
 * Errors: INVALID_ARGUMENT, OUT_OF_MEMORY.
 * Thread-safety: any thread.
 */
int32_t patrol_session_bytes(const patrol_engine *engine, uint32_t max_units, uint32_t max_incidents, uint64_t *bytes,
                             patrol_error *error);

/*
 * The shortest useful deadline for decisions of this session on this machine: builds a full snapshot, times what
 * precedes the search for a better assignment (routing, setup, the exact heuristic; see deadline_microseconds) and the
 * patrol moves of all units, takes the slowest of three runs, and adds half. Call it once, at start-up, with the machine under its usual load.
 * Errors: INVALID_ARGUMENT.
 * Thread-safety: one thread at a time for one session. Takes as long as a few decisions.
 */
int32_t patrol_session_least_deadline(patrol_session *session, uint64_t *microseconds, patrol_error *error);

/*
 * Lets a session decide with another engine of the same area from now on, as after a change of policy or rules, in the memory that it
 * has. Decisions are then those of a new session of that engine.
 * Errors: INVALID_ARGUMENT, MISMATCH (an engine of another area, or one whose networks, policies or rules need memory of another
 * shape; the sentence says which). The session then goes on as before: create a new one for that engine.
 * Thread-safety: one thread at a time for one session.
 */
int32_t patrol_session_move(patrol_session *session, const patrol_engine *engine, patrol_error *error);

/* Thread-safety: any thread, once no other uses this session. */
void patrol_session_destroy(patrol_session *session);

/* ------------------------------------------------------------------------------------------------------------------
 * 7. Snapshot: what the host knows now
 * ---------------------------------------------------------------------------------------------------------------- */

/* share/doc/libpatrol/Statuses.md says which of these stands for what dispatch systems call dispatched, transporting, at meal ... */
#define PATROL_UNIT_OFF_DUTY 0
#define PATROL_UNIT_PATROLLING 1 /* free: standing at a node or heading to one */
#define PATROL_UNIT_EN_ROUTE 2   /* on the way to a call */
#define PATROL_UNIT_ON_SCENE 3   /* at a call, or busy with other work at its node */

typedef struct patrol_unit {
    uint64_t id;               /* the caller's; distinct, not PATROL_NO_ID */
    uint64_t incident_id;      /* the call it is on (which need not be in the snapshot); PATROL_NO_ID: none */
    uint64_t capabilities;     /* one bit each, as the host defines them */
    double x, y;               /* used if node is PATROL_NO_NODE: the nearest node is taken */
    uint32_t node;             /* where it stands, or the node it reaches next; or PATROL_NO_NODE */
    uint32_t target_node;      /* current patrol target, or PATROL_NO_NODE */
    int32_t status;            /* PATROL_UNIT_... */
    int32_t home_beat;         /* or -1 */
    float seconds_to_node;     /* until it reaches `node` in its current mode: patrol driving for a free unit, emergency
                                  driving for one on its way to a call; 0: it stands there. A free unit that is sent to a
                                  call drives this part with lights and sirens too: travel_seconds includes it, multiplied
                                  by the area's emergency seconds / patrol seconds, both summed over all edges and
                                  multiplied by the travel factors of the hour */
    float position_age_seconds; /* since the position was measured; INFINITY: unknown */
    float seconds_until_free;  /* expected, for units on a call, travel included; NAN: estimated by the library */
    float seconds_until_shift_end; /* INFINITY: none */
    float seconds_until_due;   /* left of its current stay; at 0 its patrol decision is due */
    uint32_t reserved;
    uint32_t priorities; /* bit p - 1: it may be sent to calls of priority p. 0 (default): to all */
    uint32_t may_leave_scene; /* 1: it may be taken off a call that it is on scene at, by the rules of `preemption` as if it were
                                 arriving there. Default 0 */
    float late_seconds_until_free; /* nine times in ten it is free by then; less than seconds_until_free counts as that. 0 (default):
                                      estimated by the library, as if times on scene were exponential */
    uint32_t reserved_2;
} patrol_unit;

#define PATROL_UNIT_INIT                                                                                               \
    {PATROL_NO_ID, PATROL_NO_ID, 0, 0.0, 0.0, PATROL_NO_NODE, PATROL_NO_NODE, PATROL_UNIT_PATROLLING, -1, 0.0f, 0.0f,  \
     NAN, INFINITY, 0.0f, 0, 0, 0, 0.0f, 0}
void patrol_unit_init(patrol_unit *unit);

/* How many of a call's units_required must have certain capabilities. */
typedef struct patrol_need {
    uint64_t capabilities; /* all of these bits; 0: an unused entry */
    uint32_t required;     /* units that must have them */
    uint32_t assigned;     /* of these, already assigned */
} patrol_need;

#define PATROL_NEEDS 4

#define PATROL_INCIDENT_ALL_OR_NONE 1u /* no unit is sent unless all missing units can be */

typedef struct patrol_incident {
    uint64_t id;                   /* the caller's; distinct, not PATROL_NO_ID */
    uint64_t required_capabilities; /* bits that every unit on this call must have */
    double x, y;                   /* used if node is PATROL_NO_NODE */
    uint32_t node;
    int32_t category;
    int32_t priority;        /* 1 (most urgent) ... PATROL_PRIORITIES */
    uint32_t flags;          /* PATROL_INCIDENT_... */
    float seconds_waited;    /* since the call */
    float weight;            /* cost of a second of waiting, > 0; NAN: the category's */
    float service_seconds;   /* expected time on scene, > 0; NAN: the category's */
    uint32_t units_required; /* in total, 1 ... 64 */
    uint32_t units_assigned; /* of these, already assigned (on the way or on scene) */
    uint32_t units_on_scene; /* of the assigned */
    patrol_need needs[PATROL_NEEDS];
    float not_before_seconds; /* scheduled: when units should be there, from now. Default 0 */
    float lead_seconds;       /* no unit is sent, and none may be taken off the call, as long as not_before_seconds is more than
                                 this; until then the call is not among those that wait. Default 0 */
} patrol_incident;

#define PATROL_INCIDENT_INIT                                                                                           \
    {PATROL_NO_ID, 0, 0.0, 0.0, PATROL_NO_NODE, 0, 1, 0, 0.0f, NAN, NAN, 1, 0, 0,                                      \
     {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}}, 0.0f, 0.0f}
void patrol_incident_init(patrol_incident *incident);

/* An edge that is slower, faster or closed for now. Applies to all parallel edges between the two nodes. */
typedef struct patrol_edge_change {
    uint32_t from_node;
    uint32_t to_node;
    float patrol_seconds;    /* >= 0; INFINITY: closed */
    float emergency_seconds; /* >= 0; INFINITY: closed */
} patrol_edge_change;

/* Seconds that travel of a unit to a call counts for more, or, if they are negative, for less: a response plan that prefers some
 * units, or a bonus that keeps a proposal which is not confirmed yet. Every dispatch policy compares units by travel with these
 * seconds (and the penalty for other beats); rules and limits compare with travel alone, and so do the features of networks. */
typedef struct patrol_pair_cost {
    uint32_t unit;     /* index in the snapshot */
    uint32_t incident; /* index in the snapshot */
    float seconds;     /* -1e9 ... 1e9; several rows of one pair add up */
    uint32_t reserved;
} patrol_pair_cost;

/*
 * Other units that a call may get instead of those that its row asks for, as a response plan lists them: one car with two officers,
 * or else two cars with one. A call goes by its row or by one substitute, never by a mixture. The waiting calls choose one after
 * the other, the most urgent first, of these the one that has waited longest. Each goes by the first of its row and its
 * substitutes, in the order of the table, that can be filled: as many units as it asks for are free (or may be diverted), may serve
 * the call by all rules about one unit and one call, and are not taken up by the calls before it, which get as many units as they
 * can. If none can be filled, the call goes by the first for which there is such a unit at all; if there is none, or if it takes
 * all its units or none, by its row. The decision is then made as if each call asked for what it goes by and for nothing else.
 * Rules about several units (reserves, travel limits for holding, strict priority) bind that decision, not the choice before it: a
 * call may wait although another of its substitutes could be filled, and may go by that one in the next decision.
 *
 * The units that a call has settle the matter: the host copies the substitute that they were sent for, as each assignment says,
 * into the call's row, counts the units in `units_assigned` and `needs`, and lists no more substitutes of the call.
 */
typedef struct patrol_substitute {
    uint32_t incident;               /* index in the snapshot, of a call whose `units_assigned` is 0 */
    uint32_t units_required;         /* in total, 1 ... 64 */
    uint64_t required_capabilities;  /* bits that every unit must have */
    patrol_need needs[PATROL_NEEDS]; /* `assigned` is 0 */
} patrol_substitute;

#define PATROL_SUBSTITUTES 3 /* of one call, at most */

typedef struct patrol_snapshot {
    uint32_t struct_size;
    uint32_t reserved;
    double time_seconds; /* since a Monday 00:00 local time, 0 ... 1e12: the hour of the week and day follow from it */
    const patrol_unit *units;
    size_t unit_count;
    size_t unit_stride; /* bytes: sizeof(patrol_unit) */
    const patrol_incident *incidents; /* calls that still need units; the host may also list calls that units are on */
    size_t incident_count;
    size_t incident_stride; /* bytes: sizeof(patrol_incident) */
    /* [unit_count, incident_count]: the host's own travel times, emergency driving from where the unit is now. NAN: the
     * library's time; INFINITY: unreachable. NULL: the library's times throughout. */
    const float *travel_seconds;
    /* Distinct changes of existing edges. They act on travel to calls, on paths and on patrol moves; coverage is
     * computed on the unchanged roads. Like the area's edge times, they are before travel factors. */
    const patrol_edge_change *edge_changes;
    size_t edge_change_count;
    size_t edge_change_stride; /* bytes: sizeof(patrol_edge_change) */
    /* [patrol_location_count]: seconds since the last visit to each patrol location; NULL: unknown (taken as 0). */
    const float *location_idle_seconds;
    const patrol_pair_cost *pair_costs; /* pairs that have none need no row */
    size_t pair_cost_count;
    size_t pair_cost_stride; /* bytes: sizeof(patrol_pair_cost) */
    const patrol_substitute *substitutes; /* those of a call in order of preference; calls that have none need no row */
    size_t substitute_count;
    size_t substitute_stride; /* bytes: sizeof(patrol_substitute) */
} patrol_snapshot;

/* Arrays of a snapshot, in patrol_row_issue.table. */
#define PATROL_TABLE_UNITS 0u
#define PATROL_TABLE_INCIDENTS 1u
#define PATROL_TABLE_TRAVEL_SECONDS 2u        /* row = unit * incident_count + incident */
#define PATROL_TABLE_EDGE_CHANGES 3u
#define PATROL_TABLE_LOCATION_IDLE_SECONDS 4u
#define PATROL_TABLE_PAIR_COSTS 5u
#define PATROL_TABLE_SUBSTITUTES 6u

/* What is wrong with a row, in patrol_row_issue.field. */
#define PATROL_FIELD_VALUE 0u /* the number itself, in arrays of numbers */
#define PATROL_FIELD_ID 1u    /* also the id of an earlier row */
#define PATROL_FIELD_PLACE 2u /* x, y */
#define PATROL_FIELD_NODE 3u
#define PATROL_FIELD_TARGET_NODE 4u
#define PATROL_FIELD_STATUS 5u
#define PATROL_FIELD_HOME_BEAT 6u
#define PATROL_FIELD_SECONDS_TO_NODE 7u
#define PATROL_FIELD_POSITION_AGE 8u
#define PATROL_FIELD_SECONDS_UNTIL_FREE 9u
#define PATROL_FIELD_SECONDS_UNTIL_SHIFT_END 10u
#define PATROL_FIELD_SECONDS_UNTIL_DUE 11u
#define PATROL_FIELD_RESERVED 12u
#define PATROL_FIELD_CATEGORY 13u
#define PATROL_FIELD_PRIORITY 14u
#define PATROL_FIELD_FLAGS 15u
#define PATROL_FIELD_SECONDS_WAITED 16u
#define PATROL_FIELD_WEIGHT 17u
#define PATROL_FIELD_SERVICE_SECONDS 18u
#define PATROL_FIELD_UNITS_REQUIRED 19u
#define PATROL_FIELD_UNITS_ASSIGNED 20u
#define PATROL_FIELD_UNITS_ON_SCENE 21u
#define PATROL_FIELD_NEEDS 22u
#define PATROL_FIELD_EDGE 23u /* no such edge, or one that an earlier row changes */
#define PATROL_FIELD_PATROL_SECONDS 24u
#define PATROL_FIELD_EMERGENCY_SECONDS 25u
#define PATROL_FIELD_UNIT 26u
#define PATROL_FIELD_INCIDENT 27u
#define PATROL_FIELD_SECONDS 28u
#define PATROL_FIELD_PRIORITIES 29u
#define PATROL_FIELD_MAY_LEAVE_SCENE 30u
#define PATROL_FIELD_NOT_BEFORE 31u
#define PATROL_FIELD_LEAD 32u
#define PATROL_FIELD_LATE_SECONDS_UNTIL_FREE 33u

/*
 * A row that a decision leaves out. Rows are checked one by one: a unit that is left out takes no part (its move says
 * PATROL_MOVE_LEFT_OUT), nor does a call (its wait says PATROL_WAIT_LEFT_OUT); if an edge change is left out the edge is
 * unchanged, for a travel time the library uses its own, an idle time counts as 0, and so does a pair cost; no call goes by a
 * substitute that is left out. For a unit off duty only id and status are read. Of several rows with the same id the first counts.
 */
typedef struct patrol_row_issue {
    uint32_t table; /* PATROL_TABLE_... */
    uint32_t row;   /* index in that array */
    uint32_t field; /* PATROL_FIELD_...: the first wrong one */
    int32_t status; /* PATROL_ERROR_... */
} patrol_row_issue;

#define PATROL_SNAPSHOT_INIT                                                                                           \
    {(uint32_t)sizeof(patrol_snapshot), 0, 0.0, NULL, 0, sizeof(patrol_unit), NULL, 0, sizeof(patrol_incident), NULL,  \
     NULL, 0, sizeof(patrol_edge_change), NULL, NULL, 0, sizeof(patrol_pair_cost), NULL, 0, sizeof(patrol_substitute)}
void patrol_snapshot_init(patrol_snapshot *snapshot);

/* ------------------------------------------------------------------------------------------------------------------
 * 8. Decide
 * ---------------------------------------------------------------------------------------------------------------- */

#define PATROL_TASK_DISPATCH 1u
#define PATROL_TASK_PATROL 2u

#define PATROL_BAD_ROWS_LEAVE_OUT 0u /* decide without them and report them: see patrol_row_issue */
#define PATROL_BAD_ROWS_REFUSE 1u    /* refuse the snapshot because of the first of them */

typedef struct patrol_decide_options {
    uint32_t struct_size;
    uint32_t tasks; /* PATROL_TASK_...; with both, units that are dispatched get no patrol move. Default both */
    /* When the answer is due, from the start of the call; 0: never. Default 50,000. It bounds the whole call: work is cut a 64th
     * of it, at most 4 ms, earlier, which is time to write the answer. The search for a better assignment ends early enough to
     * leave time for the patrol moves, as far as earlier decisions of the session (or patrol_session_least_deadline) tell how long
     * they take. With "learned", the exact heuristic assignment ("minimum_weighted_travel" under the same rules) is found first,
     * and the answer's objective is never below that assignment's. If the deadline leaves no time for it, the floor is
     * "priority_closest", and solver_status is PATROL_SOLVER_NO_TIME. If it leaves no time for that either, only some calls are
     * looked at: those that may not be held, and of the others the most urgent, up to 65,536 pairs with the free units; the rest
     * wait (PATROL_WAIT_NO_TIME), and none for a busy unit (plan_margin). This much is always done, and so is reading the snapshot, edge changes included. Units for whose
     * patrol decision no time is left get none (PATROL_MOVE_NO_TIME). patrol_session_least_deadline gives the shortest deadline
     * that leaves time. */
    uint64_t deadline_microseconds;
    uint64_t node_limit;            /* of the dispatch solver: a repeatable work budget. Default 0: none */
    double relative_gap;            /* the solver stops within this gap, 0 ... 1e9. Default 1e-6 */
    const int32_t *cancel;          /* a non-zero value, which another thread may store, ends the call as the deadline does;
                                       NULL: none */
    uint32_t bad_rows;              /* PATROL_BAD_ROWS_...; default LEAVE_OUT */
    uint32_t reserved;
} patrol_decide_options;

#define PATROL_DECIDE_OPTIONS_INIT \
    {(uint32_t)sizeof(patrol_decide_options), PATROL_TASK_DISPATCH | PATROL_TASK_PATROL, 50000, 0, 1e-6, NULL, \
     PATROL_BAD_ROWS_LEAVE_OUT, 0}
void patrol_decide_options_init(patrol_decide_options *options);

/* Why a unit goes where it goes. */
#define PATROL_MOVE_POLICY 0          /* the policy's choice */
#define PATROL_MOVE_KEPT_TARGET 1     /* its current target: nothing is better by more than the threshold */
#define PATROL_MOVE_RETURN_TO_BEAT 2  /* it is outside its beat and goes home */
#define PATROL_MOVE_NO_CHOICE 3       /* it can only stay */
#define PATROL_MOVE_NOT_DUE 4         /* it is between nodes or its stay has not ended: no decision */
#define PATROL_MOVE_NOT_FREE 5        /* off duty, on a call, or dispatched in this decision: no decision */
#define PATROL_MOVE_STALE_POSITION 6  /* its position is too old: no decision */
#define PATROL_MOVE_LEFT_OUT 7        /* its row is bad: no decision */
#define PATROL_MOVE_NO_TIME 8         /* the deadline or the cancel flag came first: no decision, ask again */

typedef struct patrol_move {
    uint64_t unit_id;
    uint32_t target_node;   /* where to patrol; its own node for a stay; PATROL_NO_NODE: no decision */
    uint32_t next_node;     /* first node on the way; its own node for a stay; PATROL_NO_NODE: no decision */
    float travel_seconds;   /* to the target, patrol driving; 0 for a stay */
    float dwell_seconds;    /* how long to stay there: stay_seconds for a stay, 0 after a move */
    float value;            /* the policy's value of this choice; 0 if it has none */
    float gain;             /* value minus that of staying */
    int32_t reason;         /* PATROL_MOVE_... */
    uint32_t reserved;
} patrol_move;

typedef struct patrol_assignment {
    uint64_t unit_id;
    uint64_t incident_id;
    uint64_t diverted_from; /* the call it is taken off, or PATROL_NO_ID */
    float travel_seconds;   /* emergency driving, from where it is now, including what is left of seconds_to_node */
    uint32_t next_node;     /* first node on the way, by the library's roads even if the host gave the time (one search
                               per such assignment); `node` for a unit that has not reached it; the call's node if the
                               unit is there; PATROL_NO_NODE: no road leads there */
    double reward;          /* immediate part of the objective, <= 0: discounted weighted travel */
    int32_t need;           /* index of the need that it fills; -1: none, it is one of the call's other units */
    uint32_t substitute;    /* 1 + index in the snapshot of the substitute that the call goes by, whose need is meant; 0: its row */
} patrol_assignment;

/* Why a call goes without (some of) its units. */
#define PATROL_WAIT_NO_ELIGIBLE_UNIT 0 /* no free unit may serve it (capability, reach, rules that exclude pairs) */
#define PATROL_WAIT_UNITS_TAKEN 1      /* every eligible unit serves another call */
#define PATROL_WAIT_HELD 2             /* holding has the better value, or hold_travel_seconds requires it */
#define PATROL_WAIT_STRICT_PRIORITY 3  /* a rule keeps the unit for a more urgent call */
#define PATROL_WAIT_RESERVE 4          /* a rule keeps the unit in its beat */
#define PATROL_WAIT_ALL_OR_NONE 5      /* there are fewer units than the call needs at once */
#define PATROL_WAIT_LEFT_OUT 6         /* its row is bad: no decision */
#define PATROL_WAIT_NO_TIME 7          /* the deadline or the cancel flag left no time to look at it */
#define PATROL_WAIT_NOT_YET 8          /* it is scheduled for later: lead_seconds */
#define PATROL_WAIT_PLANNED 9          /* a busy unit is expected there before every free one: plan_margin */

typedef struct patrol_wait {
    uint64_t incident_id;
    uint32_t units_missing; /* after this decision, by what the call goes by */
    int32_t reason;         /* PATROL_WAIT_... */
} patrol_wait;

/*
 * Which busy unit could serve a call that no free unit can: one that is on a call, or that this decision sends to another one; or
 * the busy unit that a call waits for (PATROL_WAIT_PLANNED). A
 * plan, not an assignment: it may be another in the next decision, and the unit gets no order. The most urgent calls come first
 * (of these those that have waited longest), and each takes of the units that may serve it the one that is there first.
 */
typedef struct patrol_plan {
    uint64_t unit_id;
    uint64_t incident_id;
    float seconds_until_arrival; /* expected: until it is free (seconds_until_free, or estimated by the library), and the drive from
                                    there */
    float late_seconds_until_arrival; /* nine times in ten it is there by then: until it is free (late_seconds_until_free), and the
                                         drive */
} patrol_plan;

/*
 * How the dispatch solver ended. In every case the answer obeys all rules. The bound alone determines whether an answer is
 * OPTIMAL or WITHIN_GAP, even if the clock ended the search: among equally good decisions, a different one may then be chosen
 * than without a clock.
 */
#define PATROL_SOLVER_OPTIMAL 0    /* relative_gap is at most 2e-9; at most 1e-6 if rounding hides the rest */
#define PATROL_SOLVER_WITHIN_GAP 1 /* relative_gap is at most the requested one; or the search is complete, but the numbers
                                      differ so much in size that rounding hides more than that */
#define PATROL_SOLVER_DEADLINE 2
#define PATROL_SOLVER_CANCELLED 3
#define PATROL_SOLVER_NODE_LIMIT 4
#define PATROL_SOLVER_HEURISTIC 5 /* a heuristic decided: no bound. Never for minimum_weighted_travel, which is exact */
#define PATROL_SOLVER_NO_TIME 6   /* the deadline came before the exact heuristic: no worse than "priority_closest" for the
                                     calls that were looked at (see deadline_microseconds) */
#define PATROL_SOLVER_NOT_ASKED 7 /* the decision was about patrol alone */

/* The caller's buffers and what is written into them. If dispatch is not requested, solver_status says so and the other
 * fields of the solver are left as they are. */
typedef struct patrol_answer {
    uint32_t struct_size;
    int32_t solver_status; /* PATROL_SOLVER_... */
    patrol_move *moves;    /* one for each unit of the snapshot, in its order */
    size_t move_capacity;  /* >= unit_count if patrol is requested */
    size_t move_stride;    /* bytes: sizeof(patrol_move) */
    size_t move_count;
    patrol_assignment *assignments; /* in the order of the units */
    size_t assignment_capacity;     /* >= unit_count if dispatch is requested */
    size_t assignment_stride;       /* bytes: sizeof(patrol_assignment) */
    size_t assignment_count;
    patrol_wait *waits;   /* calls that still need units, in the order of the incidents */
    size_t wait_capacity; /* >= incident_count if dispatch is requested */
    size_t wait_stride;   /* bytes: sizeof(patrol_wait) */
    size_t wait_count;
    double objective;     /* of the decision; the program is stated in share/doc/libpatrol/Policies.md */
    double bound;         /* no decision has a higher objective; INFINITY after a heuristic, and after a deadline or
                             cancellation that left no time for a bound */
    double relative_gap;  /* (bound - objective) / max(1, objective - objective of holding all); INFINITY if `bound` is */
    uint64_t nodes;       /* of the branch-and-bound tree */
    uint64_t microseconds; /* of the whole call */
    patrol_row_issue *issues; /* rows that were left out; may be NULL if issue_capacity is 0 */
    size_t issue_capacity;    /* any: as many are written as fit, up to 256 more than units and incidents together */
    size_t issue_stride;      /* bytes: sizeof(patrol_row_issue) */
    size_t issue_count;       /* number of all rows that were left out */
    uint64_t routing_microseconds; /* part of `microseconds`: travel times from units to calls */
    uint64_t setup_microseconds;   /* pairs, their values, and the program */
    uint64_t solver_microseconds;  /* heuristics, and branch and bound */
    uint64_t patrol_microseconds;  /* patrol moves, and plans */
    patrol_plan *plans;   /* may be NULL if plan_capacity is 0 */
    size_t plan_capacity; /* any: as many as fit, the first; 0 (default): none are looked for. Needs dispatch to be requested */
    size_t plan_stride;   /* bytes: sizeof(patrol_plan) */
    size_t plan_count;
    uint32_t abstained; /* PATROL_TASK_...: what "learned" left to a heuristic, the policy file not being for such snapshots */
    uint32_t reserved;
} patrol_answer;

#define PATROL_ANSWER_INIT                                                                                             \
    {(uint32_t)sizeof(patrol_answer), 0, NULL, 0, sizeof(patrol_move), 0, NULL, 0, sizeof(patrol_assignment), 0, NULL, \
     0, sizeof(patrol_wait), 0, 0.0, 0.0, 0.0, 0, 0, NULL, 0, sizeof(patrol_row_issue), 0, 0, 0, 0, 0, NULL, 0, sizeof(patrol_plan), 0, 0, 0}
void patrol_answer_init(patrol_answer *answer);

/*
 * Decides. Dispatch comes first; units that it sends get no patrol move; free units then decide one after
 * the other in ascending order of id, each seeing the targets of the earlier ones. `options` may be NULL.
 * Bad rows are left out (patrol_row_issue): the call then succeeds, `issue_count` is above 0, and `error` receives the
 * status and sentence of the first. With PATROL_BAD_ROWS_REFUSE the call fails with that status and sentence. The
 * functions of section 9 leave out bad rows in the same way.
 * Errors: INVALID_ARGUMENT, STRUCT_SIZE, INVALID_NUMBER, CAPACITY, SESSION_TOO_SMALL, OUT_OF_MEMORY (edge changes, see
 * patrol_session_create); for bad rows, if they are refused, OUT_OF_RANGE, INVALID_NUMBER, INVALID_ID,
 * INVALID_ARGUMENT, UNSUPPORTED (coordinates in an area that has none).
 * Thread-safety: one thread at a time for one session.
 */
int32_t patrol_decide(patrol_session *session, const patrol_snapshot *snapshot, const patrol_decide_options *options,
                      patrol_answer *answer, patrol_error *error);

/*
 * Decides `count` snapshots in one call, one after the other, each as patrol_decide does with the same options; the deadline
 * begins anew with each. For throughput, as with a year of past decisions: several threads with a session each share the work.
 *   snapshots, answers  [count], with strides in bytes; answers[k] holds the caller's buffers for snapshots[k]
 *   statuses            [count]: receives what patrol_decide would have returned; if one fails, the next are decided all
 *                       the same
 *   errors              [count] or NULL: as the `error` of patrol_decide, written only where it has something to say
 * Returns OK even if some fail.
 * Errors: INVALID_ARGUMENT, STRUCT_SIZE, INVALID_NUMBER, for the arguments that all share: nothing is decided.
 * Thread-safety: one thread at a time for one session.
 */
int32_t patrol_decide_many(patrol_session *session, const patrol_snapshot *snapshots, size_t snapshot_stride, size_t count,
                           const patrol_decide_options *options, patrol_answer *answers, size_t answer_stride,
                           int32_t *statuses, patrol_error *errors, patrol_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * 9. Look inside
 * ---------------------------------------------------------------------------------------------------------------- */

#define PATROL_CANDIDATE_FEATURES 28u /* table candidate/1, share/doc/libpatrol/Features.md */
#define PATROL_PAIR_FEATURES 24u      /* table pair/1 */
#define PATROL_STATE_FEATURES 64u     /* table state/1 */

typedef struct patrol_candidate {
    uint32_t node;
    uint32_t next_node;
    float travel_seconds;
    float value; /* of the engine's patrol policy: the Q-value if it is learned and does not abstain */
} patrol_candidate;

/*
 * The moves open to a free unit, staying first, with their values, as if it were the first to decide. A unit that must keep
 * to its beat and is outside it has only the way home.
 *   features  [capacity, PATROL_CANDIDATE_FEATURES] or NULL: table candidate/1, even if the network reads
 *             candidate/2, which begins with these features
 *   count     receives the number even when `capacity` is too small
 * Errors: those of patrol_decide, and INVALID_ID (no such unit, or one that is not free).
 * Thread-safety: one thread at a time for one session.
 */
int32_t patrol_unit_candidates(patrol_session *session, const patrol_snapshot *snapshot, uint64_t unit_id,
                               patrol_candidate *candidates, size_t capacity, size_t stride, size_t *count,
                               float *features, patrol_error *error);

typedef struct patrol_pair {
    uint32_t unit;        /* index in the snapshot */
    uint32_t incident;    /* index in the snapshot */
    float travel_seconds; /* emergency driving */
    float value;          /* from the network "pair"; 0 without one */
    double reward;
} patrol_pair;

/*
 * The eligible pairs of free units and waiting calls; a call that waits for a busy unit has none. Where there are more than 262,144 + max_units + max_incidents, only those
 * of each call's nearest units, 262,144 / (number of waiting calls) + 1 of them, and of units that are on their way to it.
 *   features  [capacity, PATROL_PAIR_FEATURES] or NULL
 *   deltas    [capacity, PATROL_STATE_FEATURES] or NULL: what the assignment adds to the state's features
 *   state     [PATROL_STATE_FEATURES] or NULL: features of the state if every call is held
 *   count     receives the number even when `capacity` is too small
 * Errors: those of patrol_decide.
 * Thread-safety: one thread at a time for one session.
 */
int32_t patrol_eligible_pairs(patrol_session *session, const patrol_snapshot *snapshot, patrol_pair *pairs,
                              size_t capacity, size_t stride, size_t *count, float *features, float *deltas,
                              float *state, patrol_error *error);

typedef struct patrol_explanation {
    uint64_t unit_id;
    uint64_t incident_id;
    uint64_t runner_up_unit_id;     /* who would serve the call instead; PATROL_NO_ID: nobody, it would be held */
    double objective_loss;          /* lost if this unit may not serve this call, see below; about 0: equally good */
    double reward;                  /* the assignment's immediate contribution to the objective */
    double value_change;            /* the rest of its contribution: the change in the learned values, pair costs,
                                       penalties for other beats and reserves, and, with "minimum_weighted_travel", which does not
                                       discount, the discount. If nothing else is decided, `reward` + `value_change`
                                       is the worth that patrol_rank_units gives */
    float travel_seconds;
    float runner_up_travel_seconds; /* NAN without a runner-up */
    int32_t solver_status;          /* PATROL_SOLVER_... of the decision without this pair */
    uint32_t reserved;
    double least_loss; /* the loss to the best decision without this pair is between this and `objective_loss`, which it equals
                          where that decision is PATROL_SOLVER_OPTIMAL or HEURISTIC. If there was no time for any such
                          decision (NO_TIME, CANCELLED): from here to INFINITY; `value_change` may then be NAN */
    uint32_t abstained; /* 1: "learned" left the decision to "minimum_weighted_travel", whose losses these are */
    uint32_t reserved_2;
} patrol_explanation;

/*
 * Why each assignment of the dispatch decision is made: decides as patrol_decide does, then once more for each
 * assignment with that unit not eligible for that call and the values of all other pairs unchanged. (If instead a host
 * marks the pair as unreachable, the network "pair" may value the other pairs differently, and the call may go by another
 * substitute.) The deadline of `options`
 * bounds the whole call: the decision itself gets half of the time, the others share what is left of it.
 *
 * All losses are in weighted seconds: a call of weight 1 that waits a second longer loses 1. `objective_loss` is,
 *   with "learned", the loss in the objective;
 *   with "minimum_weighted_travel", the additional weighted travel, where a call left unserved counts as twice the
 *     longest travel; INFINITY if fewer units could be sent (-INFINITY: more, see below);
 *   with the other heuristics, which have no objective, how much longer the runner-up travels to this call (pair costs and
 *     the penalty for other beats included), weighted; INFINITY without a runner-up.
 * It is negative, by more than the gap of either decision, only if a rule forces the assignment: without the pair the
 * rules demand less. With the other heuristics also if "own_beat_first" passes over a nearer unit.
 *   count  receives the number even when `capacity` is too small; at most unit_count
 * Errors: those of patrol_decide.
 * Thread-safety: one thread at a time for one session.
 */
int32_t patrol_explain(patrol_session *session, const patrol_snapshot *snapshot, const patrol_decide_options *options,
                       patrol_explanation *explanations, size_t capacity, size_t stride, size_t *count,
                       patrol_error *error);

/*
 * The same for the assignments of one call alone, which then share the time.
 * Errors: those of patrol_decide, and INVALID_ID (no such call).
 * Thread-safety: one thread at a time for one session.
 */
int32_t patrol_explain_call(patrol_session *session, const patrol_snapshot *snapshot,
                            const patrol_decide_options *options, uint64_t incident_id,
                            patrol_explanation *explanations, size_t capacity, size_t stride, size_t *count,
                            patrol_error *error);

/* Why a decision does not send a unit to a call: the first reason that applies. */
#define PATROL_WHY_NOT_ASSIGNED 0         /* it does, or leaves it on its way there */
#define PATROL_WHY_NOT_WORSE 1            /* no rule forbids it, but it loses: see `objective_loss` */
#define PATROL_WHY_NOT_OFF_DUTY 2
#define PATROL_WHY_NOT_BUSY 3             /* the unit is on a call or at other work, and may not be taken off it */
#define PATROL_WHY_NOT_NO_DIVERSION 4     /* it may not be taken off its call for this one (`preemption`) */
#define PATROL_WHY_NOT_NO_UNIT_MISSING 5  /* the call has all its units */
#define PATROL_WHY_NOT_CAPABILITIES 6     /* the unit lacks some of `required_capabilities` */
#define PATROL_WHY_NOT_NEEDS 7            /* all units that the call still needs must have capabilities that it lacks */
#define PATROL_WHY_NOT_STALE_POSITION 8   /* stale_position_seconds */
#define PATROL_WHY_NOT_SHIFT_END 9        /* shift_end_margin_seconds, arrive_before_shift_end */
#define PATROL_WHY_NOT_UNREACHABLE 10
#define PATROL_WHY_NOT_MAXIMUM_TRAVEL 11  /* maximum_travel_seconds */
#define PATROL_WHY_NOT_OTHER_BEAT 12      /* own_beat_penalty_seconds is INFINITY */
#define PATROL_WHY_NOT_NOT_NEAREST 13     /* there are too many pairs to look at farther units: see patrol_session_create */
#define PATROL_WHY_NOT_ALL_OR_NONE 14     /* the call, or the one that the unit is sent to, takes all its units or none */
#define PATROL_WHY_NOT_HOLD_TRAVEL 15     /* hold_travel_seconds */
#define PATROL_WHY_NOT_STRICT_PRIORITY 16 /* a more urgent call, or a more demanding place on this one, comes first */
#define PATROL_WHY_NOT_NEVER_HOLD 17      /* a call that may not be held would be */
#define PATROL_WHY_NOT_RESERVE 18         /* reserve_per_beat */
#define PATROL_WHY_NOT_OTHER_CALL 19      /* a heuristic sends it to a call that comes first */
#define PATROL_WHY_NOT_NO_TIME 20         /* the deadline or the cancel flag came before the reason was found */
#define PATROL_WHY_NOT_PRIORITIES 21      /* the unit serves only calls of other priorities */
#define PATROL_WHY_NOT_NOT_YET 22         /* the call is scheduled for later: lead_seconds */
#define PATROL_WHY_NOT_SUBSTITUTE 23      /* lacks capabilities; would do if the call went by its row or another substitute */
#define PATROL_WHY_NOT_PLANNED 24         /* the call waits for a busy unit that is expected there first (plan_margin) */

typedef struct patrol_pair_explanation {
    uint32_t struct_size;
    int32_t reason;                /* PATROL_WHY_NOT_... */
    uint64_t assigned_incident_id; /* the call that the decision sends the unit to; PATROL_NO_ID: none */
    double objective_loss;         /* WORSE: what the best decision found that sends the unit to the call loses, in the
                                      units of patrol_explanation.objective_loss; with the heuristics that have no
                                      objective, how much longer than the unit sent it travels, weighted. 0 if
                                      ASSIGNED, otherwise NAN */
    double least_loss;             /* what the best such decision loses at least: less only if the search was cut short */
    float travel_seconds;          /* NAN: not searched for, as with a unit that is not free */
    int32_t solver_status;         /* PATROL_SOLVER_... of the search for such a decision; NOT_ASKED: there was none */
    uint32_t abstained;            /* 1: "learned" left the decision to "minimum_weighted_travel", whose losses these are */
    uint32_t reserved;
} patrol_pair_explanation;

#define PATROL_PAIR_EXPLANATION_INIT {(uint32_t)sizeof(patrol_pair_explanation), 0, 0, 0.0, 0.0, 0.0f, 0, 0, 0}
void patrol_pair_explanation_init(patrol_pair_explanation *explanation);

/*
 * Why the dispatch decision does not send a unit to a call: the rule that forbids it, or by how much a decision that does is
 * worse. Decides as patrol_decide does, in half of the time, then once more with the unit on that call.
 * Errors: those of patrol_decide, and INVALID_ID (no such unit or call, or one that is left out).
 * Thread-safety: one thread at a time for one session.
 */
int32_t patrol_explain_pair(patrol_session *session, const patrol_snapshot *snapshot,
                            const patrol_decide_options *options, uint64_t unit_id, uint64_t incident_id,
                            patrol_pair_explanation *explanation, patrol_error *error);

typedef struct patrol_ranked_unit {
    uint64_t unit_id;
    double worth;         /* objective of this assignment alone, minus that of holding all */
    float travel_seconds;
    uint32_t reserved;
} patrol_ranked_unit;

/*
 * The eligible free units for one call, in descending order of worth (nearest first on ties): the choices of a
 * dispatcher who overrides. A call that needs no more units is looked at as if it missed one. Travel times to other calls are
 * not searched for; substitutes are chosen as if no other call waited.
 *   count  receives the number of units written, at most `capacity`
 * Errors: those of patrol_decide, and INVALID_ID (no such call).
 * Thread-safety: one thread at a time for one session.
 */
int32_t patrol_rank_units(patrol_session *session, const patrol_snapshot *snapshot, uint64_t incident_id,
                          patrol_ranked_unit *units, size_t capacity, size_t stride, size_t *count,
                          patrol_error *error);

/*
 * The dispatch program of a snapshot in LP format, for any mixed-integer solver: its optimum is the `objective` of
 * patrol_decide with "learned" (with "minimum_weighted_travel" every pair gets a bonus, so that as many as possible are
 * assigned, plus its weight times twice the longest travel, so that calls of greater weight come first). Variable x_f_c
 * assigns the f-th free unit to column c; the columns are the slots of the calls, in the order of the incidents.
 *   text  receives `size` bytes without a NUL; may be NULL with capacity 0
 *   size  receives the number of bytes even when `capacity` is too small
 * Errors: those of patrol_decide, and UNSUPPORTED for a heuristic without a program.
 * Thread-safety: one thread at a time for one session. Allocates.
 */
int32_t patrol_write_program(patrol_session *session, const patrol_snapshot *snapshot, char *text, size_t capacity,
                               size_t *size, patrol_error *error);

/*
 * The same four questions within a time: of `options` (NULL: the defaults, and so 50 ms) the deadline, the cancel flag and
 * `bad_rows` count. What is ended early has no answer, NO_TIME; but as soon as it knows the units and their travel times,
 * patrol_rank_units_within gives them nearest first, each with a `worth` of NAN.
 * Errors: NO_TIME, and those of the function without `within`.
 * Thread-safety: one thread at a time for one session. patrol_write_program_within allocates.
 */
int32_t patrol_unit_candidates_within(patrol_session *session, const patrol_snapshot *snapshot,
                                      const patrol_decide_options *options, uint64_t unit_id,
                                      patrol_candidate *candidates, size_t capacity, size_t stride, size_t *count,
                                      float *features, patrol_error *error);
int32_t patrol_eligible_pairs_within(patrol_session *session, const patrol_snapshot *snapshot,
                                     const patrol_decide_options *options, patrol_pair *pairs, size_t capacity,
                                     size_t stride, size_t *count, float *features, float *deltas, float *state,
                                     patrol_error *error);
int32_t patrol_rank_units_within(patrol_session *session, const patrol_snapshot *snapshot,
                                 const patrol_decide_options *options, uint64_t incident_id, patrol_ranked_unit *units,
                                 size_t capacity, size_t stride, size_t *count, patrol_error *error);
int32_t patrol_write_program_within(patrol_session *session, const patrol_snapshot *snapshot,
                                    const patrol_decide_options *options, char *text, size_t capacity, size_t *size,
                                    patrol_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * 10. Records: what was decided, and proof that it would be decided again
 * ---------------------------------------------------------------------------------------------------------------- */

/*
 * Writes a decision as bytes: hashes of area, policy and engine options, the snapshot, the options (for `cancel`, only
 * whether there was one), and the answer.
 *   answer  as patrol_decide filled it for this snapshot and these options, buffers included
 *   bytes   may be NULL with capacity 0
 *   size    receives the number of bytes even when `capacity` is too small
 * Errors: INVALID_ARGUMENT, STRUCT_SIZE, INVALID_NUMBER, CAPACITY.
 * Thread-safety: any thread.
 */
int32_t patrol_decision_record(const patrol_engine *engine, const patrol_snapshot *snapshot,
                               const patrol_decide_options *options, const patrol_answer *answer, uint8_t *bytes,
                               size_t capacity, size_t *size, patrol_error *error);

/*
 * Repeats a recorded decision and compares the result with the record. The engine must have the same area, policy and
 * options. If the clock or the cancel flag ended the decision, the search is not repeated: its assignments are checked
 * against every rule, their objective is recomputed, and the patrol moves are decided again on top of them; why calls wait
 * is then taken from the record, and which needs the units fill is found anew. The same is done
 * if a search without a clock chooses differently; for a decision recorded as OPTIMAL or WITHIN_GAP that search must then
 * find nothing above the recorded bound. Records of the first format, which hold no deadline, are read too.
 * Replaying has no deadline: a record from an untrusted source may take much longer than your own; see
 * patrol_decision_replay_within.
 *   answer  buffers for the decision; may be NULL. `microseconds` is not written
 * Errors: INVALID_FILE (not a record, or a damaged one), VERSION_MISMATCH, MISMATCH (a different engine or a different
 * decision; the sentence says which), OUT_OF_MEMORY, and those of patrol_decide.
 * Thread-safety: any thread. Allocates.
 */
int32_t patrol_decision_replay(const patrol_engine *engine, const uint8_t *bytes, size_t size, patrol_answer *answer,
                               patrol_error *error);

/*
 * A record that names the one before it by the hash of its bytes, so that a missing one shows (patrol_records_check). The bytes
 * of records are described in share/doc/libpatrol/Records.md.
 *   previous  the record before it; may be NULL with size 0: it is the first of a chain
 * Errors: those of patrol_decision_record, and INVALID_FILE, VERSION_MISMATCH (for `previous`).
 * Thread-safety: any thread.
 */
int32_t patrol_decision_record_after(const patrol_engine *engine, const patrol_snapshot *snapshot,
                                     const patrol_decide_options *options, const patrol_answer *answer,
                                     const uint8_t *previous, size_t previous_size, uint8_t *bytes, size_t capacity,
                                     size_t *size, patrol_error *error);

typedef struct patrol_record_info {
    uint32_t struct_size;
    uint32_t format;       /* 1 ... 5 */
    uint64_t byte_count;   /* of the record; others may follow */
    uint64_t area_hash;    /* content_hash of area and policy; 0: no policy */
    uint64_t policy_hash;
    uint64_t options_hash; /* of the engine's options */
    double time_seconds;   /* of the snapshot */
    uint8_t hash[32];      /* SHA-256 of the record */
    uint8_t previous[32];  /* that of the record before it; zeros: none */
} patrol_record_info;

#define PATROL_RECORD_INFO_INIT {(uint32_t)sizeof(patrol_record_info), 0, 0, 0, 0, 0, 0.0, {0}, {0}}
void patrol_record_info_init(patrol_record_info *info);

/*
 * What a record says of itself. `bytes` begin with it.
 * Errors: INVALID_ARGUMENT, STRUCT_SIZE, INVALID_FILE (not a whole record), VERSION_MISMATCH.
 * Thread-safety: any thread.
 */
int32_t patrol_record_get_info(const uint8_t *bytes, size_t size, patrol_record_info *info, patrol_error *error);

/*
 * Checks records that lie one after the other, as in a file to which each was appended: every one is whole and, but for the
 * first, names the one before it.
 *   count  receives how many are, even on failure: the records before the first that is not
 * Errors: INVALID_ARGUMENT, INVALID_FILE, VERSION_MISMATCH, MISMATCH (one is missing or was changed; the sentence says where).
 * Thread-safety: any thread.
 */
int32_t patrol_records_check(const uint8_t *bytes, size_t size, size_t *count, patrol_error *error);

/*
 * A record as a JSON object: who, where, options, answer, reasons (share/doc/libpatrol/Records.md).
 *   engine  the one that made it, whose rules are then written too; may be NULL
 *   text    receives `length` bytes without a NUL; may be NULL with capacity 0
 *   length  receives the number of bytes even when `capacity` is too small
 * Errors: INVALID_ARGUMENT, INVALID_FILE, VERSION_MISMATCH, MISMATCH (a different engine), CAPACITY, OUT_OF_MEMORY.
 * Thread-safety: any thread. Allocates.
 */
int32_t patrol_decision_json(const patrol_engine *engine, const uint8_t *bytes, size_t size, char *text, size_t capacity,
                             size_t *length, patrol_error *error);

/* What ends a replay early. */
typedef struct patrol_replay_options {
    uint32_t struct_size;
    uint32_t reserved;
    uint64_t deadline_microseconds; /* from the start of the call; 0 (default): none */
    const int32_t *cancel;          /* a non-zero value, which another thread may store, ends the call; NULL: none */
} patrol_replay_options;

#define PATROL_REPLAY_OPTIONS_INIT {(uint32_t)sizeof(patrol_replay_options), 0, 0, NULL}
void patrol_replay_options_init(patrol_replay_options *options);

/*
 * The same with a deadline and a cancel flag. What is ended early proves nothing: it fails with NO_TIME.
 * Errors: NO_TIME, and those of patrol_decision_replay.
 * Thread-safety: any thread. Allocates.
 */
int32_t patrol_decision_replay_within(const patrol_engine *engine, const uint8_t *bytes, size_t size,
                                      const patrol_replay_options *options, patrol_answer *answer, patrol_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * 11. The assignment solver by itself
 * ---------------------------------------------------------------------------------------------------------------- */

/*
 * The assignment of rows to columns with the highest total value. With `complete` 1 every row (or every column, if there
 * are more rows) is assigned; with 0, rows and columns may stay unassigned at value 0.
 *   values     [row_count, column_count], within 1e100; -INFINITY: forbidden
 *   columns    [row_count]: column of each row, or -1
 *   objective  total value; may be NULL
 * Sizes are at most 65,536.
 * Errors: INVALID_ARGUMENT, INVALID_NUMBER, MISMATCH (forbidden pairs leave no complete assignment), OUT_OF_MEMORY.
 * Thread-safety: any thread. Allocates.
 */
int32_t patrol_assignment_solve(const double *values, size_t row_count, size_t column_count, uint32_t complete,
                                int32_t *columns, double *objective, patrol_error *error);

#ifdef __cplusplus
}
#endif
#endif
