/* Scenarios from bytes. */
#ifndef MAKE_SCENARIO_H
#define MAKE_SCENARIO_H

#include <patrol_lab.h>

#include "keep_city.h"

#define MOST_CALLS 24

/* What a simulation may be asked of: sizes that are known without asking it. */
typedef struct staged {
    const patrol_scenario *scenario;
    const patrol_engine *engine;
    uint32_t units, queue;
    double start, calls_per_hour; /* at most, about */
} staged;

static patrol_scenario *make_scenario(source *s, const world *w, const patrol_area *area, staged *l) {
    patrol_scenario_arrays a = PATROL_SCENARIO_ARRAYS_INIT;
    patrol_area_info info = PATROL_AREA_INFO_INIT;
    patrol_scenario *scenario = NULL;
    patrol_error error;
    patrol_fleet_unit *units;
    patrol_shift *shifts;
    patrol_call_category *categories = exact(w->categories, sizeof *categories);
    patrol_storm *storms;
    patrol_logged_call *calls;
    float *samples = exact(4, sizeof *samples), *work, *groups = exact(w->groups, sizeof *groups);
    double time = 0.0;
    uint32_t k;
    a.unit_count = l->units = draw(s, 16) ? 1 + draw(s, 7) : draw(s, 20);
    units = exact(a.unit_count, sizeof *units);
    for (k = 0; k < a.unit_count; k += 1) {
        units[k].id = make_id(s, 50 - k);
        units[k].capabilities = draw(s, 4) ? UINT64_MAX : draw(s, 4);
        units[k].start_node = draw(s, w->nodes + (s->wild && !draw(s, 32)));
        units[k].home_beat = (int32_t)draw(s, w->beats + 1) - 1;
    }
    if (draw(s, 4)) a.units = units;
    a.shift_count = draw(s, 3) ? 0 : draw(s, 4);
    shifts = exact(a.shift_count, sizeof *shifts);
    for (k = 0; k < a.shift_count; k += 1) {
        shifts[k].unit = draw(s, a.unit_count + 1);
        shifts[k].start_hour = (float)draw(s, 200) * 0.9f;
        shifts[k].end_hour = shifts[k].start_hour + number(s, 8.0f);
        shifts[k].reserved = s->wild ? draw(s, 64) == 1 : 0;
    }
    a.shifts = shifts;
    for (k = 0; k < 4; k += 1) samples[k] = number(s, 900.0f);
    a.service_samples = samples;
    a.service_sample_count = draw(s, 5);
    for (k = 0; k < w->categories; k += 1) {
        categories[k].required_capabilities = draw(s, 4) ? 0 : draw(s, 4);
        categories[k].service_mean_seconds = (double)positive(s, 900.0f);
        categories[k].service_variation = (double)draw(s, 20) * (draw(s, 4) ? 0.1 : 6.0);
        categories[k].weight = positive(s, 2.0f);
        categories[k].priority = (int32_t)draw(s, PATROL_PRIORITIES + 1) + !s->wild;
        categories[k].units_required = draw(s, 8) ? 1 + draw(s, 3) : draw(s, 66);
        categories[k].service_kind = (int32_t)draw(s, 4) + (s->wild && !draw(s, 32));
        categories[k].first_sample = draw(s, 2);
        categories[k].sample_count = draw(s, 4);
    }
    if (draw(s, 3)) a.categories = categories;
    for (k = 0; k < w->groups; k += 1) groups[k] = positive(s, 1.0f);
    if (draw(s, 2)) a.group_weights = groups;
    a.storm_count = draw(s, 3);
    storms = exact(a.storm_count, sizeof *storms);
    for (k = 0; k < a.storm_count; k += 1) {
        storms[k].start_seconds = (double)number(s, 3600.0f);
        storms[k].end_seconds = draw(s, 8) ? storms[k].start_seconds + (double)number(s, 3600.0f) : 1e12;
        storms[k].multiplier = (double)number(s, 1.0f);
    }
    a.storms = storms;
    a.call_count = draw(s, 2) ? 0 : draw(s, MOST_CALLS);
    calls = exact(a.call_count, sizeof *calls);
    for (k = 0; k < a.call_count; k += 1) {
        time += (double)number(s, 300.0f);
        calls[k].time_seconds = time;
        calls[k].node = draw(s, w->nodes + (s->wild && !draw(s, 64)));
        calls[k].category = (int32_t)draw(s, w->categories);
        calls[k].priority = (int32_t)draw(s, PATROL_PRIORITIES + 1);
        calls[k].service_seconds = draw(s, 3) ? number(s, 900.0f) : NAN;
    }
    a.calls = calls;
    a.work_hours = draw(s, 3) ? 0 : draw(s, 2) ? 1 : 24;
    work = exact(a.work_hours, sizeof *work);
    for (k = 0; k < a.work_hours; k += 1) work[k] = number(s, 2.0f);
    a.work_per_hour = work;
    a.work_mean_seconds = (double)positive(s, 600.0f);
    a.work_interruptible_priority = (int32_t)draw(s, PATROL_PRIORITIES + 1);
    if (draw(s, 3) == 0) a.out_of_service_per_hour = (double)number(s, 1.0f);
    a.out_of_service_mean_seconds = (double)positive(s, 600.0f);
    a.rate_scale = (double)number(s, 2.0f);
    a.overflow_seconds = (double)number(s, 3600.0f);
    a.compliance = draw(s, 2) ? 1.0 : (double)draw(s, 256) / 255.0;
    a.reassessment_seconds = 1.0 + (double)number(s, 60.0f);
    a.start_seconds = l->start = draw(s, 2) ? 0.0 : (double)number(s, 90000.0f);
    a.warm_up_seconds = draw(s, 2) ? 0.0 : (double)number(s, 600.0f);
    a.queue_capacity = l->queue = draw(s, 12);
    a.knows_time_left = l->queue % 2;
    if (l->queue % 4 == 3 || (s->wild && l->queue == 8)) a.notice_seconds = 120.0f;
    for (k = 0; k < PATROL_PRIORITIES; k += 1) a.response_target_seconds[k] = limit(s, 300.0f);
    for (k = 0; k < PATROL_PRIORITIES && draw(s, 2); k += 1) a.late_price_seconds[k] = number(s, 900.0f);
    if (draw(s, 2)) a.presence_seconds = positive(s, 600.0f);
    if (draw(s, 2)) a.absence_price = number(s, 2.0f);
    SUCCEEDS(patrol_area_get_info(area, &info, &error));
    l->calls_per_hour = info.calls_per_hour * info.period_hours * a.rate_scale;
    for (k = 0; k < a.storm_count; k += 1) l->calls_per_hour *= fmax(1.0, storms[k].multiplier);
    check_made(patrol_scenario_create(area, &a, &scenario, &error), &error, &scenario);
    return scenario;
}

#endif
