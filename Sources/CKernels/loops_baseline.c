/* What every processor of the architecture has. Of those built for here only x86-64 lacks fused multiply-adds. */
#if !defined(__x86_64__)
#define LANES_FUSE_IN_HARDWARE 1
#endif
/* The sums spill anyway: one row at a time. */
#define ROW_BLOCK 1
#define KERNEL(name) name##_baseline
#include "loops.h"
#include "solver_loops.h"
