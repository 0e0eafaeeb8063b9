/*
 * Areas, policies, engines and the assignment solver from random bytes, with extreme numbers throughout: whatever the
 * bytes, each is made and is what patrol.h promises, or is refused with a sentence.
 */
#include "keep_city.h"
#include "look_at_city.h"

/* The solver by itself against every choice that a few rows have. */
static double best_choice(const double *values, size_t rows, size_t columns, size_t row, uint32_t taken, int complete) {
    double best;
    size_t column;
    if (row == rows) return 0.0;
    best = complete ? -INFINITY : best_choice(values, rows, columns, row + 1, taken, complete);
    for (column = 0; column < columns; column += 1) {
        double value = values[row * columns + column];
        if (taken >> column & 1 || value == -INFINITY) continue;
        value += best_choice(values, rows, columns, row + 1, taken | 1u << column, complete);
        if (value > best) best = value;
    }
    return best;
}

static void solve(source *s) {
    static const double scales[] = {1.0, 1.0, 1e-300, 1e91, 1e12};
    patrol_error error;
    size_t rows = draw(s, 5), columns = rows + draw(s, 2), k;
    double *values = exact(rows * columns, sizeof *values), objective = 7.0, scale = scales[draw(s, 5)];
    double best, largest = 0.0;
    int32_t *chosen = exact(rows, sizeof *chosen), status;
    uint32_t complete = draw(s, 2), taken = 0;
    for (k = 0; k < rows * columns; k += 1)
        values[k] = draw(s, 8) == 0 ? -INFINITY : ((double)number(s, 10.0f) - 10.0) * scale;
    status = patrol_assignment_solve(values, rows, columns, complete, chosen, &objective, &error);
    for (k = 0; k < rows * columns; k += 1)
        if (!isfinite(values[k]) && values[k] != -INFINITY) HOLDS(status == PATROL_ERROR_INVALID_NUMBER);
    if (status != PATROL_OK) {
        check_refused(status, &error);
        HOLDS(objective == 7.0 && untouched(chosen, rows * sizeof *chosen));
        if (status == PATROL_ERROR_INVALID_NUMBER) return;
    }
    best = best_choice(values, rows, columns, 0, 0, (int)complete);
    HOLDS((status == PATROL_OK) == (best > -INFINITY));
    if (status != PATROL_OK) return;
    for (k = 0; k < rows * columns; k += 1) largest = fmax(largest, isfinite(values[k]) ? fabs(values[k]) : 0.0);
    HOLDS(fabs(objective - best) <= 1e-9 * largest);
    for (k = 0; k < rows; k += 1) {
        HOLDS(chosen[k] >= -1 && chosen[k] < (int32_t)columns);
        if (chosen[k] < 0) continue;
        HOLDS(!(taken >> chosen[k] & 1) && values[k * columns + (size_t)chosen[k]] > -INFINITY);
        taken |= 1u << chosen[k];
    }
}

/* Versions and statuses of any number. */
static void look_at_numbers(source *s) {
    patrol_error error;
    uint32_t number = draw_pair(s) - 8;
    const char *name = patrol_status_name((int32_t)number);
    int32_t status = patrol_abi_check(number, &error);
    HOLDS((strcmp(name, "UNKNOWN") == 0) == (number > PATROL_ERROR_NO_TIME));
    HOLDS((status == PATROL_OK) == (number == PATROL_ABI_VERSION));
    if (status != PATROL_OK) check_refused(status, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    source bytes = {data, data + size, 0, 0}, *s = &bytes;
    static world w;
    patrol_area *area;
    patrol_policy *policy = NULL;
    patrol_engine *engine = NULL;
    s->wild = draw(s, 4) == 0;
    memset(&w, 0, sizeof w);
    look_at_numbers(s);
    solve(s);
    area = make_area(s, &w);
    if (area != NULL) {
        look_at_area(s, area, &w);
        policy = make_policy(s);
        engine = make_engine(s, &w, area, policy);
    }
    if (policy != NULL) look_at_policy(s, policy);
    /* In any order: each keeps alive what it needs. */
    patrol_area_destroy(area);
    patrol_policy_destroy(policy);
    if (engine != NULL) look_at_engine(s, engine);
    patrol_engine_destroy(engine);
    exact_free(0);
    return 0;
}
