#if defined(__x86_64__)
#define LANES_FUSE_IN_HARDWARE 1
#define KERNEL(name) name##_avx2
#include "levels.h"

#define FEATURES "avx2,fma"
#pragma clang attribute push(__attribute__((target(FEATURES))), apply_to = function)
#include "loops.h"
#include "arrival_loops.h"
#include "solver_loops.h"
#include "assignment_loops.h"
#include "routing_loops.h"
#pragma clang attribute pop
#endif
