/* The inner loops of routing. Times are whole milliseconds up to KERNELS_UNREACHABLE, and two of them add up without
 * overflow, so every instruction set gives the same numbers. */
#include "lanes.h"
#include "levels.h"

INLINED lane_bits load_times(const uint32_t *from) {
    lane_bits value;
    __builtin_memcpy(&value, from, sizeof value);
    return value;
}

INLINED void store_times(uint32_t *to, lane_bits value) { __builtin_memcpy(to, &value, sizeof value); }

INLINED lane_bits sooner(lane_bits a, lane_bits b) { return __builtin_elementwise_min(a, b); }

void KERNEL(kernels_route_customize)(uint32_t *weights, const int32_t *offsets, const int32_t *heads,
                                     const int32_t *position, const int32_t *tails, const int32_t *arcs, size_t count) {
    typedef uint32_t __attribute__((ext_vector_type(4), aligned(16))) times;
    times *weight = (times *)weights;
    for (size_t k = 0; k < count; k++) {
        const int32_t first = arcs[k], end = offsets[tails[k] + 1];
        const times turned = weight[first].yxwz;
        for (int32_t arc = first + 1; arc < end; arc++) {
            times *across = weight + position[heads[arc]];
            *across = __builtin_elementwise_min(*across, turned + weight[arc]);
        }
    }
}

void KERNEL(kernels_route_climb)(uint32_t *times, const int32_t *nodes, size_t count, const int32_t *slots,
                                 const int32_t *offsets, const int32_t *heads, const uint32_t *weights) {
    for (size_t k = 0; k < count; k++) {
        const int32_t node = nodes[k];
        const lane_bits here = load_times(times + LANES * (size_t)slots[node]);
        for (int32_t arc = offsets[node]; arc < offsets[node + 1]; arc++) {
            uint32_t *there = times + LANES * (size_t)slots[heads[arc]];
            store_times(there, sooner(load_times(there), here + weights[4 * (size_t)arc]));
        }
    }
}

void KERNEL(kernels_route_descend)(uint32_t *times, size_t node, const int32_t *offsets, const int32_t *heads,
                                   const uint32_t *weights) {
    while (node-- > 0) {
        lane_bits here = load_times(times + LANES * node);
        for (int32_t arc = offsets[node]; arc < offsets[node + 1]; arc++)
            here = sooner(here, load_times(times + LANES * (size_t)heads[arc]) + weights[4 * (size_t)arc]);
        store_times(times + LANES * node, here);
    }
}

uint32_t KERNEL(kernels_route_meet)(const uint32_t *a, const uint32_t *b, size_t count) {
    const lane_bits number = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    lane_bits least = KERNELS_UNREACHABLE;
    for (; count >= LANES; count -= LANES, a += LANES, b += LANES) least = sooner(least, load_times(a) + load_times(b));
    const lane_bits rest = load_times(a) + load_times(b);
    least = sooner(least, number < (uint32_t)count ? rest : (lane_bits)KERNELS_UNREACHABLE);
    return __builtin_reduce_min(least);
}

void KERNEL(kernels_route_seconds)(const uint32_t *times, float *seconds, size_t count) {
    for (size_t k = 0; k < count; k++)
        seconds[k] = times[k] < KERNELS_UNREACHABLE ? (float)((double)times[k] / 1000.0) : __builtin_inff();
}
