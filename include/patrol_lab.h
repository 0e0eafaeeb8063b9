/*
 * libpatrol_lab: libpatrol with its simulator and trainer, for measuring and training policies.
 *
 * The library `libpatrol_lab` has all functions of patrol.h and of this header: link it instead of `libpatrol`, never
 * both, since handles of one are not valid in the other.
 *
 *     scenario    an area's fleet and calls, drawn or replayed       immutable, shared by threads
 *     simulation  a city in motion, for which an engine decides      one thread at a time
 *     batch       many simulations at once, for training patrol with a framework of your own
 *     trainer     learns a policy file for scenarios                 one thread at a time
 *
 * The conventions of patrol.h apply. share/doc/libpatrol/Simulation.md describes the model and the measures.
 * The same scenario, engine and seed give the same bytes on every machine, unless a deadline ends the dispatch solver.
 */
#ifndef PATROL_LAB_H
#define PATROL_LAB_H

#include "patrol.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------------------------
 * 1. Scenario: fleet and calls
 * ---------------------------------------------------------------------------------------------------------------- */

typedef struct patrol_scenario patrol_scenario;

typedef struct patrol_fleet_unit {
    uint64_t id;           /* the caller's; distinct, not PATROL_NO_ID */
    uint64_t capabilities; /* one bit each */
    uint32_t start_node;   /* where it stands at the beginning, and at the start of each shift */
    int32_t home_beat;     /* or -1 */
} patrol_fleet_unit;

/* A weekly shift. Units without shifts are always on duty; where two shifts of a unit touch, it is relieved in the field. */
typedef struct patrol_shift {
    uint32_t unit;    /* index in the fleet */
    float start_hour; /* since Monday 00:00, 0 ... below 168 */
    float end_hour;   /* above start_hour, at most start_hour + 168 */
    uint32_t reserved;
} patrol_shift;

/* Distribution of the time on scene. */
#define PATROL_SERVICE_EXPONENTIAL 0
#define PATROL_SERVICE_LOG_NORMAL 1
#define PATROL_SERVICE_GAMMA 2
#define PATROL_SERVICE_EMPIRICAL 3 /* service_samples, each with equal chance */

typedef struct patrol_call_category {
    uint64_t required_capabilities; /* of every unit on the call */
    double service_mean_seconds;    /* > 0; for an empirical distribution the mean of the samples is used instead */
    double service_variation;       /* standard deviation / mean of log-normal and gamma, 0 ... 100 */
    float weight;                   /* cost of a second of waiting, > 0 */
    int32_t priority;               /* 1 ... PATROL_PRIORITIES */
    uint32_t units_required;        /* 1 ... 64 */
    int32_t service_kind;           /* PATROL_SERVICE_... */
    uint32_t first_sample;          /* for an empirical distribution: its part of service_samples */
    uint32_t sample_count;
} patrol_call_category;

/* A period in which calls come faster or slower. Overlapping storms multiply. */
typedef struct patrol_storm {
    double start_seconds; /* since a Monday 00:00, as all times of a simulation; 0 ... 1e12 */
    double end_seconds;   /* not before start_seconds */
    double multiplier; /* of all rates, >= 0 */
} patrol_storm;

/* A call of a log. */
typedef struct patrol_logged_call {
    double time_seconds; /* since a Monday 00:00, 0 ... 1e12, ascending through the log */
    uint32_t node;
    int32_t category;
    int32_t priority;      /* 1 ... PATROL_PRIORITIES; 0: the category's */
    float service_seconds; /* time on scene; NAN: drawn from the category's distribution */
} patrol_logged_call;

/* A scenario as arrays. All are copied; the caller may free them when the call returns. */
typedef struct patrol_scenario_arrays {
    uint32_t struct_size;
    uint32_t unit_count;                     /* 1 ... 4096 */
    const patrol_fleet_unit *units;          /* [unit_count]; NULL: ids 0, 1, ..., spread over the demand points, each
                                                with the beat there as its home */
    size_t unit_stride;
    const patrol_shift *shifts;              /* [shift_count], at most 65,536, in any order */
    size_t shift_count;
    size_t shift_stride;
    const patrol_call_category *categories;  /* [category_count of the area]; NULL: the area's means, exponential, one
                                                unit a call, priorities in the order of the area's weights */
    size_t category_stride;
    const float *service_samples;            /* [service_sample_count], seconds; each category's mean is > 0 */
    size_t service_sample_count;
    const float *group_weights;              /* [group_count of the area], > 0: multiplies the cost of waiting; NULL: 1.
                                                (Decisions use the group weights of the engine.) */
    const patrol_storm *storms;              /* [storm_count], at most 1000 */
    size_t storm_count;
    size_t storm_stride;
    const patrol_logged_call *calls;         /* [call_count]: replayed; if none, calls are drawn from the area's demand */
    size_t call_count;
    size_t call_stride;
    const float *work_per_hour;              /* [work_hours], 0 ... 3600: starts of self-initiated work per hour of a
                                                free unit */
    size_t work_hours;                       /* 0 (none), 1, 24 or 168 */
    double work_mean_seconds;                /* of an exponential duration, > 0. Default 900 */
    double out_of_service_per_hour;          /* of one unit, 0 ... 3600. Default 0 */
    double out_of_service_mean_seconds;      /* of an exponential duration, > 0. Default 1800 */
    double rate_scale;                       /* multiplies the area's demand. Default 1. Including storms, the rate may
                                                never exceed 3,600,000 calls an hour */
    double overflow_seconds;                 /* cost of a lost call, in seconds of its waiting. Default 3600 */
    double compliance;                       /* chance that a unit follows a patrol move, 0 ... 1. Default 1 */
    double reassessment_seconds;             /* >= 1: while calls wait, dispatch decides again this often. Default 60 */
    double start_seconds;                    /* start of the simulation. Default 0 */
    double warm_up_seconds;                  /* simulated before anything is measured. Default 0 */
    uint32_t queue_capacity;                 /* calls that can wait without any unit, 0 ... 4096. Default 1000 */
    int32_t work_interruptible_priority;     /* a unit leaves self-initiated work for a call of this priority or more
                                                urgent; 0: never. Default 0 */
    float response_target_seconds[PATROL_PRIORITIES]; /* call to first unit on scene; INFINITY (default): none */
    float grace_seconds[PATROL_PRIORITIES]; /* after the call, while waiting costs nothing, >= 0 or INFINITY: set to the
                                               response targets, the cost is lateness. Default 0 */
    uint32_t knows_time_left; /* 1: decisions are told when busy units will be free, given how long they have been on scene and the
                                 distribution of their category: what is expected, and by when nine times in ten. 0 (default):
                                 neither, and the library estimates both from the mean */
    float notice_seconds;        /* so long before a call is over its units say so, and decisions know it; needs knows_time_left.
                                    Default 0 */
    float late_price_seconds[PATROL_PRIORITIES]; /* by priority: cost of a call that no unit has reached by its response target, or
                                    that is lost before; in seconds of the waiting of a call of weight 1. Default 0 */
    float presence_seconds;      /* how long a patrol location counts as visited after a unit was there, > 0. Default 3600 */
    float absence_price;         /* cost of a second in which no patrol location counts as visited, in seconds of the waiting of a
                                    call of weight 1; in proportion to their demand where some do. Default 0 */
} patrol_scenario_arrays;

#define PATROL_SCENARIO_ARRAYS_INIT                                                                                    \
    {(uint32_t)sizeof(patrol_scenario_arrays), 0, NULL, sizeof(patrol_fleet_unit), NULL, 0, sizeof(patrol_shift),      \
     NULL, sizeof(patrol_call_category), NULL, 0, NULL, NULL, 0, sizeof(patrol_storm), NULL, 0,                        \
     sizeof(patrol_logged_call), NULL, 0, 900.0, 0.0, 1800.0, 1.0, 3600.0, 1.0, 60.0, 0.0, 0.0, 1000, 0,                                           \
     {INFINITY, INFINITY, INFINITY, INFINITY, INFINITY, INFINITY, INFINITY, INFINITY}, {0}, 0, 0.0f, {0},      \
     3600.0f, 0.0f}
void patrol_scenario_arrays_init(patrol_scenario_arrays *arrays);

/*
 * Creates a scenario of an area, which it keeps alive.
 * Errors: INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_RANGE, INVALID_NUMBER, INVALID_ID, MISMATCH, OUT_OF_MEMORY.
 * Thread-safety: any thread.
 */
int32_t patrol_scenario_create(const patrol_area *area, const patrol_scenario_arrays *arrays,
                               patrol_scenario **scenario, patrol_error *error);

/* Thread-safety: any thread, once no other uses this handle; simulations, batches and trainers of the scenario go on. */
void patrol_scenario_destroy(patrol_scenario *scenario);

/*
 * Mean emergency travel seconds from the nearest of `unit_count` (at least 1) p-median posts to the engine's weighted
 * demand, at least 1: the travel part of the offered load, and the scale of all features; both before travel factors.
 * Errors: INVALID_ARGUMENT.
 * Thread-safety: any thread.
 */
int32_t patrol_engine_post_seconds(const patrol_engine *engine, uint32_t unit_count, float *seconds,
                                   patrol_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * 2. Simulation
 * ---------------------------------------------------------------------------------------------------------------- */

typedef struct patrol_simulation patrol_simulation;

typedef struct patrol_simulation_options {
    uint32_t struct_size;
    uint32_t event_capacity; /* events kept for patrol_simulation_read_events, at most 2^24; 0 (default): none */
    uint64_t seed;           /* of the first replication; the policies' random choices depend on it and on the engine's
                                seed. Default 0 */
    uint64_t node_limit;     /* of each of the engine's dispatch decisions: a repeatable work budget; 0: none.
                                Default 2000 */
    double relative_gap;     /* of each of them, as in patrol_decide_options. Default 1e-6 */
} patrol_simulation_options;

#define PATROL_SIMULATION_OPTIONS_INIT {(uint32_t)sizeof(patrol_simulation_options), 0, 0, 2000, 1e-6}
void patrol_simulation_options_init(patrol_simulation_options *options);

/*
 * Creates a simulation of a scenario, at its start, with an engine of the same area to decide. All memory is allocated
 * here. `options` may be NULL.
 * Errors: INVALID_ARGUMENT, STRUCT_SIZE, INVALID_NUMBER, MISMATCH (the engine has another area), OUT_OF_MEMORY.
 * Thread-safety: any thread; the simulation itself belongs to one thread at a time.
 */
int32_t patrol_simulation_create(const patrol_scenario *scenario, const patrol_engine *engine,
                                 const patrol_simulation_options *options, patrol_simulation **simulation,
                                 patrol_error *error);

/* Thread-safety: any thread, once no other uses this simulation. */
void patrol_simulation_destroy(patrol_simulation *simulation);

/* Starts another replication in the same memory. Errors: INVALID_ARGUMENT. Thread-safety: one thread at a time. */
int32_t patrol_simulation_restart(patrol_simulation *simulation, uint64_t seed, patrol_error *error);

/*
 * Simulates until a time (seconds since a Monday 00:00, at most 1e12), with the engine deciding. Does nothing if that
 * time has passed. Cannot be interrupted: a host that wants to show progress or to stop runs in slices.
 * Errors: INVALID_ARGUMENT, INVALID_NUMBER, those of decisions.
 * Thread-safety: one thread at a time.
 */
int32_t patrol_simulation_run(patrol_simulation *simulation, double until_seconds, patrol_error *error);

#define PATROL_DUE_NOTHING 0 /* the time asked for is reached */
#define PATROL_DUE_DISPATCH 1
#define PATROL_DUE_PATROL 2

/*
 * Simulates until a decision is due or the time is reached. This closes the previous decision: calls that the host has
 * not assigned are held, and units that it has not moved stay.
 *   due  receives PATROL_DUE_...
 * Errors: INVALID_ARGUMENT, INVALID_NUMBER.
 * Thread-safety: one thread at a time.
 */
int32_t patrol_simulation_step(patrol_simulation *simulation, double until_seconds, int32_t *due,
                               patrol_error *error);

/* Lets the engine decide what is left of the decision that is due. Does nothing if none is due.
 * Errors: INVALID_ARGUMENT, those of decisions. Thread-safety: one thread at a time. */
int32_t patrol_simulation_decide(patrol_simulation *simulation, patrol_error *error);

/*
 * Sends a unit (index in the fleet) to a call (index among the open calls) while a dispatch decision is due. The
 * department's rules bind the engine, not the host.
 * Errors: INVALID_ARGUMENT (no dispatch decision is due, the unit cannot go, the call needs no more units),
 * OUT_OF_RANGE, UNREACHABLE.
 * Thread-safety: one thread at a time.
 */
int32_t patrol_simulation_assign(patrol_simulation *simulation, uint32_t unit, uint32_t incident, patrol_error *error);

/*
 * Tells a unit whose patrol decision is due where to go: its own node to stay there, or another node to drive to.
 * Errors: INVALID_ARGUMENT (no such decision is due), OUT_OF_RANGE, UNREACHABLE.
 * Thread-safety: one thread at a time.
 */
int32_t patrol_simulation_move(patrol_simulation *simulation, uint32_t unit, uint32_t node, patrol_error *error);

/*
 * Copies the current state of another simulation of the same scenario, including a decision that is due: with the same
 * engine the two then run identically, byte for byte. Unread events are not copied. For rollouts: copy, renew the future,
 * take one decision or another, and compare what follows.
 *   measuring  1: measurements so far are copied; 0: the copy measures nothing until it is restarted, and is faster
 * Errors: INVALID_ARGUMENT, MISMATCH (different scenarios).
 * Thread-safety: one thread at a time, for both.
 */
int32_t patrol_simulation_copy(patrol_simulation *simulation, const patrol_simulation *other, uint32_t measuring,
                               patrol_error *error);

/*
 * Draws again everything that is not yet known, given what has happened: future calls, and what is left of service times,
 * of times out of service and of self-initiated work. Copies of one simulation with the same seed get the same calls with
 * the same service times, and their policies the same random numbers (common random numbers). Calls from a log stay, and
 * so does the rest of a service time that is already so long that few draws from its distribution exceed it.
 * Errors: INVALID_ARGUMENT.
 * Thread-safety: one thread at a time.
 */
int32_t patrol_simulation_renew_future(patrol_simulation *simulation, uint64_t seed, patrol_error *error);

/* The current state of a simulation. */
typedef struct patrol_simulation_state {
    uint32_t struct_size;
    int32_t due;              /* PATROL_DUE_...: the decision that waits for the host */
    double time_seconds;      /* since a Monday 00:00 */
    double cumulative_cost;   /* weighted seconds of waiting since the start, lost calls and prices included */
    uint64_t events;          /* since the start */
    uint64_t decisions;
    uint32_t open_incidents;
    uint32_t queued_incidents; /* of these, without any unit */
    uint64_t events_lost;     /* overwritten before anyone read them */
} patrol_simulation_state;

#define PATROL_SIMULATION_STATE_INIT {(uint32_t)sizeof(patrol_simulation_state), 0, 0.0, 0.0, 0, 0, 0, 0, 0}
void patrol_simulation_state_init(patrol_simulation_state *state);

/* Errors: INVALID_ARGUMENT, STRUCT_SIZE. Thread-safety: one thread at a time. */
int32_t patrol_simulation_get_state(patrol_simulation *simulation, patrol_simulation_state *state,
                                    patrol_error *error);

/*
 * The snapshot for the decision that is due: units in the order of the fleet, open calls in the order in which they
 * came. The `id` of a call is its number in the replication (in the log, if one is replayed), from 0.
 *   unit_count, incident_count  receive the numbers even when a capacity is too small; arrays may be NULL with capacity 0
 *   travel_seconds              [units, incidents] or NULL: as in patrol_snapshot; INFINITY if a unit would not leave its
 *                               work for a call, otherwise NAN
 *   location_idle_seconds       [patrol_location_count of the area] or NULL
 *   due                         [units] or NULL: 1 for each unit whose patrol decision is due
 * Errors: INVALID_ARGUMENT (also if no decision is due), CAPACITY.
 * Thread-safety: one thread at a time.
 */
int32_t patrol_simulation_get_snapshot(patrol_simulation *simulation, patrol_unit *units, size_t unit_capacity,
                                       size_t unit_stride, size_t *unit_count, patrol_incident *incidents,
                                       size_t incident_capacity, size_t incident_stride, size_t *incident_count,
                                       float *travel_seconds, float *location_idle_seconds, uint8_t *due,
                                       patrol_error *error);

/*
 * The moves of a unit (index in the fleet) whose patrol decision is due, as patrol_unit_candidates gives them; units
 * already moved in this decision appear with their new targets.
 * Errors: INVALID_ARGUMENT, OUT_OF_RANGE, CAPACITY.
 * Thread-safety: one thread at a time.
 */
int32_t patrol_simulation_get_candidates(patrol_simulation *simulation, uint32_t unit, patrol_candidate *candidates,
                                         size_t capacity, size_t stride, size_t *count, float *features,
                                         patrol_error *error);

/*
 * The eligible pairs while a dispatch decision is due, as patrol_eligible_pairs gives them, after the assignments
 * already made in this decision.
 * Errors: INVALID_ARGUMENT, CAPACITY.
 * Thread-safety: one thread at a time.
 */
int32_t patrol_simulation_get_pairs(patrol_simulation *simulation, patrol_pair *pairs, size_t capacity, size_t stride,
                                    size_t *count, float *features, float *deltas, float *state, patrol_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * 3. Events
 * ---------------------------------------------------------------------------------------------------------------- */

#define PATROL_EVENT_CALL_CAME 0
#define PATROL_EVENT_CALL_LOST 1
#define PATROL_EVENT_CALL_REACHED 2  /* by its first unit */
#define PATROL_EVENT_CALL_COMPLETE 3 /* by all its units */
#define PATROL_EVENT_CALL_ENDED 4
#define PATROL_EVENT_UNIT_SENT 5
#define PATROL_EVENT_UNIT_DIVERTED 6
#define PATROL_EVENT_UNIT_ON_SCENE 7
#define PATROL_EVENT_UNIT_FREED 8
#define PATROL_EVENT_MOVE_BEGAN 9
#define PATROL_EVENT_MOVE_ENDED 10
#define PATROL_EVENT_STAY_ENDED 11
#define PATROL_EVENT_SHIFT_BEGAN 12
#define PATROL_EVENT_SHIFT_ENDED 13
#define PATROL_EVENT_OUT_OF_SERVICE_BEGAN 14
#define PATROL_EVENT_OUT_OF_SERVICE_ENDED 15
#define PATROL_EVENT_WORK_BEGAN 16
#define PATROL_EVENT_WORK_ENDED 17
#define PATROL_EVENT_WORK_LEFT 18
#define PATROL_EVENT_REASSESSMENT 19
#define PATROL_EVENT_MEASURING_BEGAN 20

typedef struct patrol_simulation_event {
    double time_seconds;
    uint64_t incident_id; /* or PATROL_NO_ID */
    int32_t kind;         /* PATROL_EVENT_... */
    int32_t unit;         /* index in the fleet, or -1 */
    uint32_t node;        /* where; for a move that began, where to; or PATROL_NO_NODE */
    int16_t priority;     /* of the call; 0 without one */
    int16_t category;     /* of the call; -1 without one */
} patrol_simulation_event;

/*
 * Reads and removes the oldest events. If events are not read in time, the oldest are overwritten (`events_lost` of
 * patrol_simulation_state).
 *   count  receives the number of events written, at most `capacity`
 * Errors: INVALID_ARGUMENT (also if the simulation keeps no events).
 * Thread-safety: one thread at a time.
 */
int32_t patrol_simulation_read_events(patrol_simulation *simulation, patrol_simulation_event *events, size_t capacity,
                                      size_t stride, size_t *count, patrol_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * 4. Measures
 * ---------------------------------------------------------------------------------------------------------------- */

/* Response times of one class of calls: from the call to its first unit on scene, seconds. NAN if there are no calls.
 * Quantiles are accurate to 0.25 %. */
typedef struct patrol_response {
    uint64_t calls;   /* that came since the warm-up */
    uint64_t reached; /* of these, reached by a unit */
    uint64_t lost;    /* to a full queue */
    uint64_t waiting; /* not reached yet */
    double mean;      /* of the calls reached */
    double median;
    double p90;
    double p95;
    double charged_mean; /* of all calls: a lost one counts as overflow_seconds, a waiting one as its wait so far */
    double charged_median;
    double charged_p90;
    double charged_p95;
    double within_target; /* share of all calls that were reached within the target of their priority */
} patrol_response;

typedef struct patrol_metrics {
    uint32_t struct_size;
    uint32_t reserved;
    double seconds;  /* length of the measured period */
    uint64_t calls;  /* that came since the warm-up; below, how they ended */
    uint64_t served;
    uint64_t lost;
    uint64_t open;
    patrol_response response;
    double mean_queue_wait; /* of the calls reached, until the first unit to arrive was sent */
    double p90_queue_wait;
    double mean_travel; /* of that unit */
    double p90_travel;
    double mean_until_complete; /* from the call until all its units were on scene, of the calls that got all */
    double cost_rate;           /* weighted seconds of waiting per second, lost calls included: weighted calls waiting; and the
                                   prices of late calls and absence, where the scenario has any */
    double utilization;         /* share of available unit time spent on calls */
    double utilization_gini;    /* of the units' own utilizations */
    double across_beats;        /* share of dispatches to a beat other than the unit's; NAN without beats */
    double coverage;            /* share of calls with a free unit within a drive of their target time when they came */
    double equity_difference;   /* largest minus smallest charged mean response time of the population groups */
    double equity_ratio;        /* largest over smallest */
    uint64_t dispatches;
    uint64_t diversions;
    uint64_t events; /* of the whole run, warm-up included */
    uint64_t decisions;
    double presence; /* mean share of patrol locations, by the calls expected there, where a unit stands or was within
                        presence_seconds; all of them count as visited when a simulation starts */
} patrol_metrics;

#define PATROL_METRICS_INIT                                                                                            \
    {(uint32_t)sizeof(patrol_metrics), 0, 0.0, 0, 0, 0, 0, {0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0},  \
     0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0, 0, 0.0}
void patrol_metrics_init(patrol_metrics *metrics);

/* Measures from the end of the warm-up until now. Errors: INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_MEMORY.
 * Thread-safety: one thread at a time. */
int32_t patrol_simulation_get_metrics(patrol_simulation *simulation, patrol_metrics *metrics, patrol_error *error);

#define PATROL_CLASS_PRIORITY 0 /* PATROL_PRIORITIES rows; row 0 is priority 1 */
#define PATROL_CLASS_BEAT 1     /* of calls in a beat */
#define PATROL_CLASS_GROUP 2
#define PATROL_CLASS_CATEGORY 3
#define PATROL_CLASS_HOUR 4  /* of the day in which calls came: 24 rows */
#define PATROL_CLASS_SHIFT 5 /* rows: the times of day at which shifts begin, ascending, each for calls until the next one (the
                                last until the next day's first); none without shifts or with more than 24 such times */

/*
 * Response times by class of calls.
 *   count  receives the number of rows even when `capacity` is too small
 * Errors: INVALID_ARGUMENT, CAPACITY, OUT_OF_MEMORY.
 * Thread-safety: one thread at a time.
 */
int32_t patrol_simulation_get_responses(patrol_simulation *simulation, int32_t call_class, patrol_response *rows,
                                        size_t capacity, size_t stride, size_t *count, patrol_error *error);

/* How one unit spent its time since the warm-up, seconds. */
typedef struct patrol_unit_times {
    double off_duty;
    double out_of_service;
    double standing; /* free */
    double driving;  /* free, on patrol */
    double en_route;
    double on_scene;
    double self_initiated;
    uint64_t dispatches;
} patrol_unit_times;

/* In the order of the fleet; `count` as above. Errors: INVALID_ARGUMENT, CAPACITY, OUT_OF_MEMORY.
 * Thread-safety: one thread at a time. */
int32_t patrol_simulation_get_unit_times(patrol_simulation *simulation, patrol_unit_times *rows, size_t capacity,
                                         size_t stride, size_t *count, patrol_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * 5. Batches: many simulations, one patrol decision of one unit each
 * ---------------------------------------------------------------------------------------------------------------- */

typedef struct patrol_batch patrol_batch;

typedef struct patrol_batch_options {
    uint32_t struct_size;
    uint32_t simulations;    /* 1 ... 65,536 */
    uint64_t seed;           /* simulation k starts with seed + k and goes on with seed + k + simulations, ... Default 0 */
    double episode_seconds;  /* after the scenario's start, > 0. Default 28,800 */
    uint64_t node_limit;     /* as in patrol_simulation_options. Default 2000 */
    const uint64_t *seeds;   /* [simulations] or NULL: simulation k starts with seeds[k] in place of seed + k. Default NULL */
} patrol_batch_options;

#define PATROL_BATCH_OPTIONS_INIT {(uint32_t)sizeof(patrol_batch_options), 1, 0, 28800.0, 2000, NULL}
void patrol_batch_options_init(patrol_batch_options *options);

/* `options` may be NULL. Errors: as patrol_simulation_create. Thread-safety: any thread. */
int32_t patrol_batch_create(const patrol_scenario *scenario, const patrol_engine *engine,
                            const patrol_batch_options *options, patrol_batch **batch, patrol_error *error);

/* Thread-safety: any thread, once no other uses this batch. */
void patrol_batch_destroy(patrol_batch *batch);

/* The most moves any unit can have: the width of a batch's arrays. Errors: INVALID_ARGUMENT. Thread-safety: any thread. */
int32_t patrol_batch_get_width(const patrol_batch *batch, uint32_t *width, patrol_error *error);

/* The caller's arrays, row k for simulation k; all but `features` and `moves` may be NULL. */
typedef struct patrol_batch_arrays {
    uint32_t struct_size;
    uint32_t reserved;
    float *features;      /* [simulations, width, PATROL_CANDIDATE_FEATURES]: the deciding unit's moves, then zeros. Idle
                             times are those of the simulation */
    uint32_t *moves;      /* [simulations]: how many moves there are; the first is staying */
    uint32_t *nodes;      /* [simulations, width]: where they lead, then PATROL_NO_NODE */
    uint32_t *units;      /* [simulations]: the unit that decides, index in the fleet */
    double *time_seconds; /* [simulations] */
    double *cumulative_cost; /* [simulations]: weighted seconds of waiting since the episode began */
    uint8_t *interrupted; /* [simulations]: 1 if the unit was sent to a call since its last decision in this episode, or
                             makes its first one: its previous action has no next state */
    uint8_t *ended;       /* [simulations]: 1 if an episode ended in this step; the row is the first of the next episode */
    double *ended_cost;   /* [simulations]: cumulative_cost at the end of that episode; 0 if none ended */
} patrol_batch_arrays;

#define PATROL_BATCH_ARRAYS_INIT \
    {(uint32_t)sizeof(patrol_batch_arrays), 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL}
void patrol_batch_arrays_init(patrol_batch_arrays *arrays);

/*
 * Takes one patrol decision in each of the simulations first ... first + count - 1 and advances them to their next one;
 * the engine decides dispatch. In the first call after patrol_batch_create there is nothing to decide yet: `choices` is
 * not read for a simulation that has not yet returned a decision.
 *   choices  [simulations]: index of the move; -1: the engine's choice. NULL: the engine's choice everywhere
 *   arrays   the rows of these simulations are written
 * An invalid choice is reported before any simulation advances. If a simulation fails while advancing, those before it
 * have advanced and their rows are written.
 * Errors: INVALID_ARGUMENT, STRUCT_SIZE, OUT_OF_RANGE (a move that the unit does not have), MISMATCH (ten episodes
 * in a row in which no unit had a patrol decision), those of decisions.
 * Thread-safety: threads may step distinct simulations of one batch at once.
 */
int32_t patrol_batch_step(patrol_batch *batch, size_t first, size_t count, const int32_t *choices,
                          const patrol_batch_arrays *arrays, patrol_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * 6. Training
 * ---------------------------------------------------------------------------------------------------------------- */

typedef struct patrol_trainer patrol_trainer;

/* Which policies are learned, and alongside which. */
#define PATROL_VARIANT_JOINT 0 /* dispatch and patrol in turn, each alongside the best of the other so far */
#define PATROL_VARIANT_APART 1 /* the same phases, each alongside the best heuristic; combined at the end */
#define PATROL_VARIANT_PATROL_ONLY 2
#define PATROL_VARIANT_DISPATCH_ONLY 3

/* The measure by which a policy is accepted. */
#define PATROL_GOAL_COST 0        /* the scenario's cost */
#define PATROL_GOAL_WORST_GROUP 1 /* the largest of the groups' charged mean response times */
#define PATROL_GOAL_WITHIN_TARGET 2 /* the share of calls reached within the scenario's response target of their priority */
#define PATROL_GOAL_P90 3         /* the charged 90th percentile of response times */
#define PATROL_GOAL_PRESENCE 4    /* for patrol, `presence` of patrol_metrics; for heuristics and dispatch, the scenario's cost */

/* The form of the value of the state after a dispatch decision. */
#define PATROL_VALUE_NONE 0    /* none: pairs of unit and call alone are scored (separable) */
#define PATROL_VALUE_CONCAVE 1 /* input-concave: its program needs no binary variables for it */
#define PATROL_VALUE_GENERAL 2

/* How patrol is learned. */
#define PATROL_METHOD_Q_LEARNING 0 /* double deep Q-learning by independent learners that share one network */
#define PATROL_METHOD_SEARCH 1     /* direct search over the weights of a linear score */
#define PATROL_METHOD_ROLLOUTS 2   /* a deep network for what moves cost in paired rollouts, which begins with the search's score */

/* What a patrol unit is rewarded for. */
#define PATROL_REWARD_DIFFERENCE 0    /* its marginal coverage, minus the best that any anchor would give */
#define PATROL_REWARD_BACKUP_DIFFERENCE 1 /* the same for the expected arrival time when the nearest unit may be busy */
#define PATROL_REWARD_TEAM_COVERAGE 2 /* minus the demand-weighted arrival time of all free units together */
#define PATROL_REWARD_TEAM_COST 3     /* minus the cost of the whole system in the meantime */

#define PATROL_TRAINER_LAYERS 4

/* The defaults of patrol_trainer_options_init are those of the results page; there is no macro, so that they are in one
 * place: whoever sets fields that were appended after version 0.1 sets all of them, and struct_size. share/doc/libpatrol/Training.md describes the algorithms. */
typedef struct patrol_trainer_options {
    uint32_t struct_size;
    uint32_t rounds; /* each with one phase of dispatch and one of patrol, 1 ... 1000 */
    uint64_t seed;
    int32_t variant;     /* PATROL_VARIANT_... */
    int32_t goal;        /* PATROL_GOAL_... */
    uint32_t warm_start; /* 1: each phase begins with the networks of the last phase of its kind */
    uint32_t threads;    /* 1 ... 64: results do not depend on it */

    /* Validation: what a phase learned is accepted only if it is shown to be better on the same calls. See
     * validation_limit at the end. */
    uint32_t validations;      /* replications, 2 ... 100,000 */
    uint32_t heuristic_patrol_count;   /* 0: the default list */
    uint32_t heuristic_dispatch_count; /* 0: the default list */
    uint32_t reserved;
    const char *const *heuristic_patrols;   /* names as in patrol_engine_options: every pair is validated; the best */
    const char *const *heuristic_dispatches; /* pair is where training starts and what it falls back to */
    double validation_seconds; /* length of each replication after the warm-up, 60 ... 1e9. Unless that is a whole number of
                                  the periods of demand, shifts and work, replications start at each hour of these in turn;
                                  with a log or storms they start when the scenario does */

    /* Dispatch: approximate policy iteration on paired rollouts. */
    int32_t value_form;                /* PATROL_VALUE_... */
    uint32_t learns_pairs;             /* 1: pairs of unit and call are scored, in addition to the value if there is one */
    uint32_t pair_layers[PATROL_TRAINER_LAYERS]; /* widths of hidden layers, up to the first 0 */
    uint32_t value_hidden;             /* hidden neurons, 0 ... 64 */
    uint32_t value_block;              /* hidden neurons of the block that the anchors share, 0 ... 16 */
    uint32_t bootstrap_comparisons;    /* of the first iteration, which follows a heuristic */
    uint32_t comparisons;              /* of each further iteration; those kept may take 4 GB of memory: about 1,500,000
                                          with a value, 3,600,000 without */
    uint32_t iterations;               /* after the first */
    uint32_t dispatch_generations;     /* of a direct search that follows, over their last layers for the least cost; 0: none */
    double horizon_seconds;            /* of a rollout */
    float compared_share;              /* share of decisions that are compared with an alternative */
    float explored_share;              /* share of those in which the alternative is then taken */

    /* Direct search: policies drawn around the current one are simulated with the same calls. */
    uint32_t search_population;        /* policies per generation, 2 ... 1,024, even */
    uint32_t search_replications;      /* day-long simulations for each of them, 1 ... 10,000 */

    /* Patrol: paired rollouts of moves, direct search over the weights of a linear score, or double deep Q-learning. */
    int32_t patrol_method;             /* PATROL_METHOD_...; rollouts compare 3 * comparisons moves in each of 3 iterations */
    uint32_t patrol_generations;       /* of the direct search, 1 ... 100,000; rollouts begin with its score */
    int32_t patrol_reward;             /* PATROL_REWARD_... */
    uint32_t patrol_spans_calls;       /* 1: a transition continues through a unit's calls; 0: it ends there and is dropped */
    float patrol_presence;             /* reward for the demand-weighted hours since a place was last visited */
    float patrol_driving_price;        /* price of a minute of driving */
    uint32_t patrol_layers[PATROL_TRAINER_LAYERS]; /* widths of hidden layers, up to the first 0 */
    uint32_t patrol_rounds;            /* of episodes and gradient steps */
    uint32_t patrol_heuristic_rounds;  /* how many of the first rounds follow the heuristic to fill the memory */
    uint32_t patrol_episodes;          /* per round */
    uint32_t patrol_steps;             /* gradient steps per round */
    double patrol_episode_seconds;
    double patrol_discount_rate;       /* per second */

    /* The most replications of a validation, 0 ... 100,000; if below `validations`, that number. The first look is after
     * `validations`, each further one after twice as many as before. At each look a paired interval of the difference to the
     * policy to beat is computed at level 1 - 0.05 / looks, so that all looks together are wrong in at most 5 % of cases. A
     * policy is accepted at the first look whose interval lies below 0, and rejected if the mean difference is not below 0 or
     * after the last look. */
    uint32_t validation_limit;
    uint32_t reserved_end;             /* 0 */

    /* What the goals within_target, p90 and presence learn from. */
    float goal_price;       /* at most 1000; 0 (default): 1. A late call, or a place that was not visited, is charged, at such a price
                               that all of them cost this many times the weighted wait under the policy from which a phase starts.
                               For p90, a call is late from that policy's 90th percentile on */
    uint32_t goal_priority; /* of within_target and p90: the calls of this priority; 0 (default): all calls */
} patrol_trainer_options;

void patrol_trainer_options_init(patrol_trainer_options *options);

/*
 * A trainer for one scenario, or for several at once (a general policy).
 *   scenarios, engines  [count], 1 ... 1024: each engine has its scenario's area and supplies rules, options, group weights
 *   options             may be NULL
 * Errors: INVALID_ARGUMENT, STRUCT_SIZE, INVALID_NUMBER, UNKNOWN_NAME, UNSUPPORTED, MISMATCH, OUT_OF_MEMORY.
 * Thread-safety: any thread; the trainer itself belongs to one thread at a time.
 */
int32_t patrol_trainer_create(const patrol_scenario *const *scenarios, const patrol_engine *const *engines, size_t count,
                              const patrol_trainer_options *options, patrol_trainer **trainer, patrol_error *error);

/* Thread-safety: any thread, once no other uses this trainer. */
void patrol_trainer_destroy(patrol_trainer *trainer);

#define PATROL_PHASE_HEURISTIC 0 /* a pair of heuristics is validated */
#define PATROL_PHASE_DISPATCH 1
#define PATROL_PHASE_PATROL 2
#define PATROL_PHASE_COMBINATION 3 /* the policies learned apart are combined */
#define PATROL_PHASE_NONE 4        /* done */

/* The result of a phase, by validation. */
typedef struct patrol_phase_outcome {
    int32_t kind;        /* PATROL_PHASE_... */
    uint32_t round;
    uint64_t events;     /* simulated until its end, validations included */
    double cost;         /* mean cost per second; with several scenarios, relative to the first pair of heuristics */
    double worst_group;  /* largest charged mean response time of a group, seconds */
    double difference;   /* relative difference in the goal to the policy it had to beat; NAN for the first phase */
    double half_width;   /* of its interval, 95 % over all looks (validation_limit); NAN for the first phase */
    uint32_t is_accepted; /* learned policies: difference + half_width < 0; heuristics: difference < 0 */
    uint32_t replications; /* of its validation */
    double goal_value;    /* what the goal counts, the lower the better: `cost`, `worst_group`, the share of calls that were not
                             reached within their target, seconds, or 1 - presence; NAN without such calls */
    double mean_response; /* charged, of all calls, seconds */
} patrol_phase_outcome;

/* The progress of training. */
typedef struct patrol_training_progress {
    uint32_t struct_size;
    int32_t kind;          /* PATROL_PHASE_... in progress */
    uint32_t phase;        /* its number, from 0 */
    uint32_t phase_count;
    uint32_t is_validating; /* 1: its result is being validated */
    uint32_t outcome_count; /* phases completed: patrol_trainer_get_outcomes */
    double share;          /* share of the phase that is done, 0 ... 1; restarts at 0 for validation, up to its next look */
    double best_cost;      /* validated cost of the best policy so far; NAN before there is one */
    uint64_t events;       /* simulated in total */
    uint32_t replications; /* while validating: number done */
    uint32_t next_look;    /* while validating: number at the next look; above `validations` if the last was undecided */
} patrol_training_progress;

#define PATROL_TRAINING_PROGRESS_INIT {(uint32_t)sizeof(patrol_training_progress), 0, 0, 0, 0, 0, 0.0, 0.0, 0, 0, 0}
void patrol_training_progress_init(patrol_training_progress *progress);

/*
 * Does one piece of work: call it until `kind` is PATROL_PHASE_NONE. Between two calls a host may show progress, save a
 * checkpoint, or stop; a piece cannot be interrupted. Its size follows from scenario and options, and no clock bounds it:
 *   validation  up to 16 replications of warm_up_seconds + validation_seconds each
 *   dispatch    a quarter of an iteration's comparisons, each of which simulates two times horizon_seconds, with 1,000
 *               events at most on average from one decision that might be compared to the next; or the fit of the networks
 *               to all comparisons; or, while searching, 4 days, or as many as there are threads
 *   patrol      as many days; or, with rollouts, an eighth of an iteration's comparisons of 15 minutes, or a sixteenth for each of
 *               more threads than two, or the fit; with Q-learning patrol_episodes of patrol_episode_seconds, and patrol_steps
 * With the defaults and one thread, the longest took a second for 5 units and 16 for 30, of processor time. Who must be able to
 * stop at once trains in a process that may be killed, and keeps checkpoints. Starts `threads` - 1 threads and joins them.
 *   progress  may be NULL
 * Errors: INVALID_ARGUMENT, STRUCT_SIZE, those of decisions. After an error of a decision or OUT_OF_MEMORY the trainer
 * accepts nothing but a checkpoint to continue from.
 * Thread-safety: one thread at a time.
 */
int32_t patrol_trainer_advance(patrol_trainer *trainer, patrol_training_progress *progress, patrol_error *error);

/* The outcomes so far. Errors: INVALID_ARGUMENT, CAPACITY. `count` receives the number even when `capacity` is too small.
 * Thread-safety: one thread at a time. */
int32_t patrol_trainer_get_outcomes(const patrol_trainer *trainer, patrol_phase_outcome *outcomes, size_t capacity,
                                    size_t stride, size_t *count, patrol_error *error);

/*
 * The policies of the best pair so far: a heuristic's name, or "learned". Static memory.
 * Errors: INVALID_ARGUMENT (also before anything has been validated).
 * Thread-safety: one thread at a time.
 */
int32_t patrol_trainer_get_policies(const patrol_trainer *trainer, const char **patrol, const char **dispatch,
                                    patrol_error *error);

/*
 * The policy file of the best networks so far, with its provenance as metadata: seed, events, results of validation, and
 * which policies belong together (patrol_policy, dispatch_policy).
 *   keys, values  [entry_count]: additional metadata entries, UTF-8; NULL with entry_count 0
 *   bytes         may be NULL with capacity 0
 *   size          receives the number of bytes even when `capacity` is too small
 * Errors: INVALID_ARGUMENT (also if nothing learned is better than the heuristics, so that there is nothing to write),
 * CAPACITY, OUT_OF_MEMORY.
 * Thread-safety: one thread at a time.
 */
int32_t patrol_trainer_write_policy(const patrol_trainer *trainer, const char *const *keys, const char *const *values,
                                    size_t entry_count, uint8_t *bytes, size_t capacity, size_t *size,
                                    patrol_error *error);

/*
 * The whole state between two steps, as bytes. A trainer with the same scenarios, engines, options and seed that reads
 * them continues identically, byte for byte.
 *   bytes  may be NULL with capacity 0; `size` as above. Asking for the size takes as long as writing
 * Errors: INVALID_ARGUMENT, CAPACITY, OUT_OF_MEMORY; reading: INVALID_FILE, UNSUPPORTED, MISMATCH. A checkpoint that cannot be
 * read leaves the trainer as it was; reading therefore temporarily needs the memory of a second trainer.
 * Thread-safety: one thread at a time.
 */
int32_t patrol_trainer_write_checkpoint(const patrol_trainer *trainer, uint8_t *bytes, size_t capacity, size_t *size,
                                        patrol_error *error);
int32_t patrol_trainer_read_checkpoint(patrol_trainer *trainer, const uint8_t *bytes, size_t size, patrol_error *error);

#ifdef __cplusplus
}
#endif
#endif
