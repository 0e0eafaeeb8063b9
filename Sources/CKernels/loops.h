/* The inner loops, written once and compiled by each loops_*.c for its instruction set. */
#include "lanes.h"
#include "levels.h"

/* Rows that share one pass over a panel: as many sums as fill the registers of AVX2. */
#ifndef ROW_BLOCK
#define ROW_BLOCK 6
#endif

/* `count` rows by `wide` panels (each of 16 outputs: bias, then weights by input), `width` outputs of which are kept.
 * Each output sums over the inputs in order, so a row is the same bits in a block of any size. */
INLINED void rows_by_panels(const float *x, size_t count, size_t in, const float *panels, size_t wide, int relu,
                            float *y, size_t out, size_t width) {
    const size_t panel = LANES * (in + 1);
    lanes sums[ROW_BLOCK];
    for (size_t p = 0; p < wide; p++) {
        for (size_t row = 0; row < count; row++) sums[p * count + row] = load(panels + p * panel);
    }
    for (size_t i = 0; i < in; i++) {
        for (size_t p = 0; p < wide; p++) {
            const lanes weights = load(panels + p * panel + LANES * (i + 1));
            for (size_t row = 0; row < count; row++) {
                sums[p * count + row] = fused((lanes)x[row * in + i], weights, sums[p * count + row]);
            }
        }
    }
    for (size_t k = 0; k < wide * count; k++) {
        if (relu) sums[k] = sums[k] < 0.0f ? (lanes)0.0f : sums[k]; /* keeps NaN */
    }
    for (size_t p = 0; p < wide; p++, y += LANES) {
        const size_t kept = width - LANES * p;
        if (kept >= LANES) {
            for (size_t row = 0; row < count; row++) store(y + row * out, sums[p * count + row]);
        } else {
            for (size_t row = 0; row < count; row++) store_part(y + row * out, sums[p * count + row], kept);
        }
    }
}

#if ROW_BLOCK > 1
/* `count` rows, fewer than ROW_BLOCK, by all panels: several panels at once, so that there are sums enough to keep the
 * multipliers busy. The counts are constants where this is inlined, so that the sums stay in registers. */
INLINED void few_rows(const float *x, size_t count, size_t in, const float *packed, int relu, float *y, size_t out) {
    const size_t panel = LANES * (in + 1), wide = ROW_BLOCK / count;
    size_t first = 0;
    for (; first + LANES * (wide - 1) < out; first += LANES * wide, packed += panel * wide) {
        const size_t left = out - first, width = left < LANES * wide ? left : LANES * wide;
        rows_by_panels(x, count, in, packed, wide, relu, y + first, out, width);
    }
    for (; first < out; first += LANES, packed += panel) {
        const size_t left = out - first, width = left < LANES ? left : LANES;
        rows_by_panels(x, count, in, packed, 1, relu, y + first, out, width);
    }
}
#endif

/* One output has no lanes to spread over: its sum runs over 16 inputs at a time instead. */
INLINED void single_output(const float *x, size_t rows, size_t in, const float *packed, int relu, float *y) {
    for (size_t row = 0; row < rows; row++, x += in) {
        const float result = KERNEL(kernels_dot)(x, packed + 1, in) + packed[0];
        y[row] = relu && result < 0 ? 0 : result;
    }
}

void KERNEL(kernels_dense_layer)(const float *x, size_t rows, size_t in, const float *packed, size_t out, int relu,
                                 float *y) {
    if (out == 1) {
        single_output(x, rows, in, packed, relu, y);
        return;
    }
    const size_t blocked = rows / ROW_BLOCK * ROW_BLOCK;
    const float *panel = packed;
    for (size_t first = 0; blocked && first < out; first += LANES, panel += LANES * (in + 1)) {
        const size_t width = out - first < LANES ? out - first : LANES;
        for (size_t row = 0; row < blocked; row += ROW_BLOCK) {
            rows_by_panels(x + row * in, ROW_BLOCK, in, panel, 1, relu, y + row * out + first, out, width);
        }
    }
#if ROW_BLOCK > 1
    x += blocked * in, y += blocked * out, rows -= blocked;
    for (; rows >= 2; x += 2 * in, y += 2 * out, rows -= 2) few_rows(x, 2, in, packed, relu, y, out);
    if (rows == 1) few_rows(x, 1, in, packed, relu, y, out);
#endif
}

/* `width` weights of each of `count` outputs: their sums over the rows, in order. */
INLINED void weights_by_lanes(const float *x, const float *dy, size_t rows, size_t in, size_t out, size_t count,
                              float *dw, size_t width) {
    lanes sums[ROW_BLOCK];
    for (size_t o = 0; o < count; o++) sums[o] = 0.0f;
    for (size_t row = 0; row < rows; row++) {
        const lanes values = width == LANES ? load(x + row * in) : load_part(x + row * in, width);
        for (size_t o = 0; o < count; o++) sums[o] = fused((lanes)dy[row * out + o], values, sums[o]);
    }
    for (size_t o = 0; o < count; o++) {
        if (width == LANES)
            store(dw + o * in, sums[o]);
        else
            store_part(dw + o * in, sums[o], width);
    }
}

INLINED void weights_by_outputs(const float *x, const float *dy, size_t rows, size_t in, size_t out, float *dw,
                                size_t width) {
    size_t left = out;
    for (; left >= ROW_BLOCK; left -= ROW_BLOCK, dy += ROW_BLOCK, dw += ROW_BLOCK * in) {
        weights_by_lanes(x, dy, rows, in, out, ROW_BLOCK, dw, width);
    }
#if ROW_BLOCK > 1
    switch (left) {
    case 5: weights_by_lanes(x, dy, rows, in, out, 5, dw, width); break;
    case 4: weights_by_lanes(x, dy, rows, in, out, 4, dw, width); break;
    case 3: weights_by_lanes(x, dy, rows, in, out, 3, dw, width); break;
    case 2: weights_by_lanes(x, dy, rows, in, out, 2, dw, width); break;
    case 1: weights_by_lanes(x, dy, rows, in, out, 1, dw, width); break;
    }
#endif
}

void KERNEL(kernels_dense_gradient)(const float *x, const float *dy, size_t rows, size_t in, size_t out, float *dw,
                                    float *db) {
    for (size_t o = 0; o < out; o++) db[o] = 0;
    for (size_t row = 0; row < rows; row++) {
        for (size_t o = 0; o < out; o++) db[o] += dy[row * out + o];
    }
    if (in < LANES) {
        weights_by_outputs(x, dy, rows, in, out, dw, in);
        return;
    }
    for (size_t i = 0; i + LANES <= in; i += LANES) weights_by_outputs(x + i, dy, rows, in, out, dw + i, LANES);
    /* The last lanes end where the row ends and repeat sums that stand already, bit for bit. */
    if (in % LANES) weights_by_outputs(x + in - LANES, dy, rows, in, out, dw + in - LANES, LANES);
}

float KERNEL(kernels_dot)(const float *a, const float *b, size_t n) {
    lanes sum = 0.0f;
    for (; n >= LANES; n -= LANES, a += LANES, b += LANES) sum = fused(load(a), load(b), sum);
    if (n > 0) sum = fused(load_part(a, n), load_part(b, n), sum);
    return total(sum);
}

float KERNEL(kernels_dot3)(const float *a, const float *b, const float *c, size_t n) {
    lanes sum = 0.0f;
    for (; n >= LANES; n -= LANES, a += LANES, b += LANES, c += LANES) {
        sum = fused(load(a) * load(b), load(c), sum);
    }
    if (n > 0) sum = fused(load_part(a, n) * load_part(b, n), load_part(c, n), sum);
    return total(sum);
}

/* The part of t · inverse_scale that its rounding loses is handed on, or the result would lose it magnified. */
INLINED lanes decay(lanes t, float inverse_scale) {
    const lanes product = t * inverse_scale;
    return exponential(-product, -fused(t, (lanes)inverse_scale, -product));
}

void KERNEL(kernels_exp_decay)(const float *t, float inverse_scale, float *out, size_t n) {
    for (; n >= LANES; n -= LANES, t += LANES, out += LANES) store(out, decay(load(t), inverse_scale));
    if (n > 0) store_part(out, decay(load_part(t, n), inverse_scale), n);
}
