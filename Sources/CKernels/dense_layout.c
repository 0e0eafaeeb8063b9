#include "kernels.h"

#include <string.h>

size_t kernels_dense_packed_count(size_t in, size_t out) {
    if (out == 1) return in + 1;
    return (out + 15) / 16 * 16 * (in + 1);
}

/* Panels of 16 outputs: [bias | weights of input 0 | of input 1 | …], each 16 floats, the last panel padded
 * with 0. The inner loop then reads straight ahead, with one output in each lane. A single output is
 * [bias | weights]. */
void kernels_dense_pack(const float *weights, const float *bias, size_t in, size_t out, float *packed) {
    const size_t width = out == 1 ? 1 : 16;
    memset(packed, 0, kernels_dense_packed_count(in, out) * sizeof(float));
    for (size_t o = 0; o < out; o++) {
        float *column = packed + o / width * width * (in + 1) + o % width;
        column[0] = bias[o];
        for (size_t i = 0; i < in; i++) column[(i + 1) * width] = weights[o * in + i];
    }
}

void kernels_dense_pack_transposed(const float *weights, size_t in, size_t out, float *packed) {
    const size_t width = in == 1 ? 1 : 16;
    memset(packed, 0, kernels_dense_packed_count(out, in) * sizeof(float));
    for (size_t i = 0; i < in; i++) {
        float *column = packed + i / width * width * (out + 1) + i % width;
        for (size_t o = 0; o < out; o++) column[(o + 1) * width] = weights[o * in + i];
    }
}
