/* Prints a digest of what each inner loop of Sources/CKernels gives for the same numbers: the lines must be the same on
 * every processor. Compiled with the kernels themselves, for this machine and for another that is emulated. */
#include "kernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 20260101;

static uint32_t next(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

static double uniform(void) { return (double)next() / 2147483648.0 * 2 - 1; }

static void *memory(size_t bytes) {
    void *block = kernels_allocate(bytes + 128);
    if (!block) exit(2);
    return memset(block, 0, bytes + 128);
}

static float *floats(size_t count, double scale) {
    float *values = memory(count * sizeof *values);
    for (size_t i = 0; i < count; i++) values[i] = (float)(scale * uniform());
    return values;
}

static double *doubles(size_t count, double scale) {
    double *values = memory(count * sizeof *values);
    for (size_t i = 0; i < count; i++) values[i] = scale * uniform();
    return values;
}

static void digest(const char *name, const void *bytes, size_t count) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < count; i++) hash = (hash ^ ((const unsigned char *)bytes)[i]) * 16777619u;
    printf("%s %08x\n", name, hash);
}

static void networks(void) {
    static const size_t shapes[][2] = {{28, 64}, {64, 64}, {17, 5}, {33, 1}, {64, 100}}, rows[] = {1, 2, 3, 5, 6, 25};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        const size_t in = shapes[s][0], out = shapes[s][1];
        float *weights = floats(in * out, 1), *bias = floats(out, 1);
        float *packed = memory(kernels_dense_packed_count(in, out) * sizeof(float));
        kernels_dense_pack(weights, bias, in, out, packed);
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            float *x = floats(rows[r] * in, 3), *dy = floats(rows[r] * out, 1);
            float *y = memory(rows[r] * out * sizeof *y), *dw = memory(in * out * sizeof *dw),
                  *db = memory(out * sizeof *db);
            kernels_dense_layer(x, rows[r], in, packed, out, 1, y);
            digest("dense_layer", y, rows[r] * out * sizeof *y);
            kernels_dense_gradient(x, dy, rows[r], in, out, dw, db);
            digest("dense_gradient", dw, in * out * sizeof *dw);
            digest("dense_gradient bias", db, out * sizeof *db);
        }
    }
}

static void coverage(void) {
    const size_t n = 203;
    float *d = floats(n, 1), *m = floats(n, 900), *t = floats(n, 900), *second = floats(n, 900),
          *third = floats(n, 900);
    const float gain = kernels_coverage_gain(d, m, t, 1.3f, 3.5f, n), dot = kernels_dot(d, t, n),
                dot3 = kernels_dot3(d, m, t, n);
    digest("coverage_gain", &gain, sizeof gain);
    digest("dot", &dot, sizeof dot);
    digest("dot3", &dot3, sizeof dot3);
    kernels_min_shifted(m, t, 1.3f, 3.5f, n);
    digest("min_shifted", m, n * sizeof *m);
    for (size_t i = 0; i < n; i++) second[i] = m[i] + fabsf(second[i]), third[i] = second[i] + fabsf(third[i]);
    kernels_insert_arrival(m, second, third, d, 0.7f, 1.25f, n);
    digest("insert_arrival", third, n * sizeof *third);
    float *rows = floats(4 * n, 900), *others = floats(3 * n, 900), gains[3];
    const float *const travel[] = {m, second, third, d};
    const float shifts[] = {3, -20, 0, 41};
    uint8_t marks[13] = {0};
    kernels_mark_arrivals(marks, d, t, 1.3f, 3.5f, n);
    digest("mark_arrivals", marks, sizeof marks);
    kernels_least_arrivals(rows, n, marks, travel, shifts, 4, 1.3f, 800);
    digest("least_arrivals", rows, 4 * n * sizeof *rows);
    kernels_arrivals_without(others, rows, n, 3, second, 1.3f, -20);
    digest("arrivals_without", others, 3 * n * sizeof *others);
    kernels_coverage_gains(gains, m, others, d, 1.3f, n);
    digest("coverage_gains", gains, sizeof gains);
    for (size_t i = 0; i < n; i++) t[i] = fabsf(t[i]);
    kernels_exp_decay(t, 1 / 300.0f, d, n);
    digest("exp_decay", d, n * sizeof *d);
    double exponentials[64];
    for (int i = 0; i < 64; i++) exponentials[i] = kernels_exp64(20 * uniform()) + kernels_log(fabs(uniform()) + 1e-9);
    digest("exp64, log", exponentials, sizeof exponentials);
}

static void solver(void) {
    const size_t neurons = 40, features = 24;
    const double *row = doubles(neurons * 72, 5), *prices = doubles(neurons, 1);
    double *low = doubles(neurons, 1), *high = memory(neurons * sizeof *high);
    const double sum = kernels_relu_sum(row, prices, row + 40, row + 80, row + 120, row + 160, neurons);
    digest("relu_sum", &sum, sizeof sum);
    for (size_t k = 0; k < neurons; k++) high[k] = low[k] + 1;
    kernels_extend_range(low, high, row + 200, neurons);
    digest("extend_range", high, neurons * sizeof *high);
    static const int32_t rows[] = {0, 2, 1, 0, 2}, parts[] = {1, 1, 0, 2, 0};
    static const float shares[] = {0.5f, 0.25f, 0.1f, 0.9f, 0.3f};
    kernels_influence_range(low, high, row + 200, row + 320, row + 440, neurons, rows, parts, shares, 5, prices,
                            neurons);
    digest("influence_range, low", low, neurons * sizeof *low);
    digest("influence_range, high", high, neurons * sizeof *high);
    double *lows = memory(neurons * sizeof *lows), *highs = memory(neurons * sizeof *highs);
    kernels_add_range(lows, highs, low, high, 1, 1, neurons);
    kernels_add_range(lows, highs, low, high, 3, 0, neurons);
    for (size_t k = 0; k < neurons; k++) {
        const double l = low[k] + 3 * fmin(low[k], 0), h = high[k] + 3 * fmax(high[k], 0);
        if (lows[k] != l || highs[k] != h) exit(3);
    }
    digest("add_range", highs, neurons * sizeof *highs);
    double *worked = memory(neurons * sizeof *worked);
    size_t touching = 0;
    for (size_t p = 0; p < 5; p++) {
        kernels_influence(worked, row + 200 + (size_t)rows[p] * neurons, row + 320 + (size_t)parts[p] * neurons,
                          row + 440 + (size_t)parts[p] * neurons, shares[p], prices, neurons);
        digest("influence", worked, neurons * sizeof *worked);
        touching += kernels_touches_range(low, high, worked, neurons) != 0;
        for (size_t k = 0; k < neurons; k++)
            if (worked[k] < low[k] || worked[k] > high[k]) exit(3);
    }
    for (size_t k = 0; k < neurons; k++) worked[k] = (low[k] + high[k]) / 2;
    if (touching == 0 || kernels_touches_range(low, high, worked, neurons)) exit(3);
    const double losses =
        kernels_neuron_losses(worked, row, low, low, high, low, high, prices, row + 40, high, neurons);
    digest("neuron_losses", &losses, sizeof losses);
    digest("neuron_losses, after", worked, neurons * sizeof *worked);
    float *inputs = floats(features, 1);
    double *weights = doubles(features * neurons, 1), *sums = memory(neurons * sizeof *sums);
    kernels_weighted_sum(sums, weights, inputs, features, neurons);
    digest("weighted_sum", sums, neurons * sizeof *sums);
}

static void assignment(void) {
    const size_t columns = 203, padded = 208;
    double *row = doubles(columns, 1000), *prices = doubles(padded, 100), *taken = memory(padded * sizeof *taken);
    double *distances = memory(padded * sizeof *distances);
    int64_t *from = memory(padded * sizeof *from);
    for (size_t k = 0; k < padded; k++) {
        taken[k] = k % 3 ? 0 : INFINITY;
        distances[k] = INFINITY;
        if (k >= columns) prices[k] = INFINITY;
    }
    struct kernels_two_least two;
    struct kernels_reached reached;
    kernels_two_least(&two, row, -INFINITY, prices, taken, columns);
    digest("two_least", &two, sizeof two);
    kernels_reach_columns(&reached, distances, from, row, 0, prices, taken, 1.5, 7, columns);
    digest("reach_columns", &reached, sizeof reached);
    digest("reach_columns, distances", distances, padded * sizeof *distances);
    kernels_raise_columns(prices, from, row, -INFINITY, 3, columns);
    digest("raise_columns", prices, columns * sizeof *prices);
    uint64_t ties[4];
    kernels_find_ties(ties, row, -INFINITY, prices, prices[5] - row[5], columns);
    digest("find_ties", ties, sizeof ties);
    double *turned = memory(columns * sizeof *turned);
    kernels_transpose(turned, row, 29, 7);
    for (size_t k = 0; k < columns; k++)
        if (turned[k % 7 * 29 + k / 7] != row[k]) exit(3);
    const uint64_t beyond = kernels_first_beyond(row, 999, columns);
    digest("first_beyond", &beyond, sizeof beyond);
}

int main(void) {
    networks();
    coverage();
    solver();
    assignment();
    return 0;
}
