/* What every processor of the architecture has. On x86-64 that lacks fused multiply-adds, and serves processors from
 * before AVX2 (2013): small rather than fast. Elsewhere it is all there is. */
#define KERNEL(name) name##_baseline
#if defined(__x86_64__)
#define ROW_BLOCK 1
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)
#else
#define LANES_FUSE_IN_HARDWARE 1
#endif
#include "loops.h"
#include "arrival_loops.h"
#include "solver_loops.h"
#include "assignment_loops.h"
#include "routing_loops.h"
#if defined(__x86_64__)
#pragma clang attribute pop
#endif
