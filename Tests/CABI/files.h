/* Writes safetensors files into memory: the good area and policy of the tests, and broken ones made from them. */
#ifndef FILES_H
#define FILES_H

#include "city.h"

typedef struct tensor_file {
    char header[6000];
    size_t header_length;
    unsigned char data[24000];
    size_t data_length;
    unsigned char bytes[32000]; /* the finished file */
    size_t length;
} tensor_file;

CHECK_UNUSED static void file_header(tensor_file *file, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    file->header_length += (size_t)vsnprintf(file->header + file->header_length,
                                             sizeof file->header - file->header_length, format, arguments);
    va_end(arguments);
}

/* Begins a file with the members of `__metadata__`, as JSON. */
CHECK_UNUSED static void file_begin(tensor_file *file, const char *metadata) {
    file->header_length = file->data_length = file->length = 0;
    file_header(file, "{\"__metadata__\":{%s}", metadata);
}

CHECK_UNUSED static void file_tensor(tensor_file *file, const char *name, const char *dtype, const char *shape,
                                     const void *values, size_t bytes) {
    file_header(file, ",\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%lu,%lu]}", name, dtype, shape,
                (unsigned long)file->data_length, (unsigned long)(file->data_length + bytes));
    memcpy(file->data + file->data_length, values, bytes);
    file->data_length += bytes;
}

/* Puts a whole file together: little-endian header length, header, data. */
CHECK_UNUSED static void file_assemble(tensor_file *file) {
    size_t byte;
    for (byte = 0; byte < 8; byte += 1)
        file->bytes[byte] = (unsigned char)((uint64_t)file->header_length >> (8 * byte));
    memcpy(file->bytes + 8, file->header, file->header_length);
    memcpy(file->bytes + 8 + file->header_length, file->data, file->data_length);
    file->length = 8 + file->header_length + file->data_length;
}

CHECK_UNUSED static void file_finish(tensor_file *file) {
    file_header(file, "}");
    file_assemble(file);
}

/* Replaces the first `old` in the finished header and puts the file together again. */
CHECK_UNUSED static void file_replace(tensor_file *file, const char *old, const char *replacement) {
    char rest[sizeof file->header];
    char *place;
    file->header[file->header_length] = '\0';
    place = strstr(file->header, old);
    if (place == NULL) {
        fprintf(stderr, "no %s in %s\n", old, file->header);
        exit(2);
    }
    strcpy(rest, place + strlen(old));
    file->header_length = (size_t)(place - file->header);
    file_header(file, "%s%s", replacement, rest);
    file_assemble(file);
}

#define AREA_METADATA                                                                                                  \
    "\"format\":\"libpatrol area\",\"format_version\":\"1\",\"coordinate_system\":\"planar\",\"period_hours\":\"1\""

/* The city of city.h as an area file, left open for more tensors. */
CHECK_UNUSED static void file_area(tensor_file *file, const city *c, const char *metadata) {
    file_begin(file, metadata);
    file_tensor(file, "coordinates", "F64", "9,2", c->coordinates, sizeof c->coordinates);
    file_tensor(file, "edges", "I32", "24,2", c->edges, sizeof c->edges);
    file_tensor(file, "edge_patrol_seconds", "F32", "24", c->patrol_seconds, sizeof c->patrol_seconds);
    file_tensor(file, "edge_emergency_seconds", "F32", "24", c->emergency_seconds, sizeof c->emergency_seconds);
    file_tensor(file, "node_beats", "I32", "9", c->beats, sizeof c->beats);
    file_tensor(file, "node_groups", "I32", "9", c->groups, sizeof c->groups);
    file_tensor(file, "category_service_seconds", "F32", "2", c->service_seconds, sizeof c->service_seconds);
    file_tensor(file, "category_weights", "F32", "2", c->weights, sizeof c->weights);
    file_tensor(file, "demand_nodes", "I32", "9", c->demand_nodes, sizeof c->demand_nodes);
    file_tensor(file, "demand_calls_per_hour", "F32", "9,2,1", c->calls_per_hour, sizeof c->calls_per_hour);
    file_tensor(file, "patrol_locations", "I32", "9", c->locations, sizeof c->locations);
}

#define POLICY_METADATA                                                                                                \
    "\"format\":\"libpatrol policy\",\"format_version\":\"1\",\"patrol.features\":\"candidate/1\","                    \
    "\"pair.features\":\"pair/1\",\"value.features\":\"state/1\",\"value.form\":\"concave\",\"seed\":\"7\""

#define FILE_HIDDEN 3

/* Weights that differ from each other, small, with both signs. */
CHECK_UNUSED static const float *file_weights(size_t salt) {
    static float weights[64 * FILE_HIDDEN];
    size_t index;
    for (index = 0; index < 64 * FILE_HIDDEN; index += 1)
        weights[index] = 0.01f * (float)((int)((index * 37 + salt * 11) % 41) - 20);
    return weights;
}

/* A policy with all three networks, left open for more tensors. */
CHECK_UNUSED static void file_policy(tensor_file *file, const char *metadata) {
    static const float bias[FILE_HIDDEN] = {0.1f, -0.1f, 0.2f}, output[FILE_HIDDEN] = {-0.3f, -0.2f, -0.1f};
    file_begin(file, metadata);
    file_tensor(file, "patrol.0.weight", "F32", "3,28", file_weights(1), 3 * 28 * sizeof(float));
    file_tensor(file, "patrol.0.bias", "F32", "3", bias, sizeof bias);
    file_tensor(file, "patrol.2.weight", "F32", "1,3", file_weights(2), 3 * sizeof(float));
    file_tensor(file, "patrol.2.bias", "F32", "1", bias, sizeof(float));
    file_tensor(file, "pair.0.weight", "F32", "3,24", file_weights(3), 3 * 24 * sizeof(float));
    file_tensor(file, "pair.0.bias", "F32", "3", bias, sizeof bias);
    file_tensor(file, "pair.2.weight", "F32", "1,3", file_weights(4), 3 * sizeof(float));
    file_tensor(file, "pair.2.bias", "F32", "1", bias, sizeof(float));
    file_tensor(file, "value.skip.weight", "F32", "1,64", file_weights(5), 64 * sizeof(float));
    file_tensor(file, "value.skip.bias", "F32", "1", bias, sizeof(float));
    file_tensor(file, "value.hidden.weight", "F32", "3,64", file_weights(6), 3 * 64 * sizeof(float));
    file_tensor(file, "value.hidden.bias", "F32", "3", bias, sizeof bias);
    file_tensor(file, "value.output.weight", "F32", "1,3", output, sizeof output);
}

CHECK_UNUSED static patrol_policy *good_policy(void) {
    static tensor_file file;
    patrol_policy *policy = NULL;
    file_policy(&file, POLICY_METADATA);
    file_finish(&file);
    MUST(patrol_policy_load_memory(file.bytes, file.length, &policy, error));
    return policy;
}

#endif
