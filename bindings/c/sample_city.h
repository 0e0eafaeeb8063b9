/*
 * The city of the samples: a grid of corners one minute apart, numbered row by row; the middle has ten times the demand.
 * For C and C++.
 */
#ifndef SAMPLE_CITY_H
#define SAMPLE_CITY_H

#include <patrol.h>

enum { SIDE = 5, NODES = SIDE * SIDE, EDGES = 4 * SIDE * (SIDE - 1) };

/* Points `arrays` to the city, which stays where it is. */
static void make_sample_city(patrol_area_arrays *arrays) {
    static uint32_t edges[2 * EDGES];
    static float seconds[EDGES], demand[NODES];
    static const float service = 1500.0f;
    uint32_t *edge = edges, node, index;
    for (node = 0; node < NODES; node += 1) {
        const uint32_t right = node + 1, below = node + SIDE;
        if (node % SIDE + 1 < SIDE) *edge++ = node, *edge++ = right, *edge++ = right, *edge++ = node;
        if (node / SIDE + 1 < SIDE) *edge++ = node, *edge++ = below, *edge++ = below, *edge++ = node;
        demand[node] = node == NODES / 2 ? 1.0f : 0.1f;
    }
    for (index = 0; index < EDGES; index += 1) seconds[index] = 60.0f;
    arrays->node_count = NODES;
    arrays->edge_count = EDGES;
    arrays->edges = edges;
    arrays->edge_patrol_seconds = seconds;
    arrays->category_count = 1;
    arrays->category_service_seconds = &service;
    arrays->demand_node_count = NODES;
    arrays->demand_calls_per_hour = demand;
}

#endif
