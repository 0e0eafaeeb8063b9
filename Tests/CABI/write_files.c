/* Writes the area and the policy of the tests: write_files AREA POLICY. */
#include "files.h"

static void write_file(const char *path, const tensor_file *file) {
    FILE *stream = fopen(path, "wb");
    if (stream == NULL || fwrite(file->bytes, 1, file->length, stream) != file->length || fclose(stream) != 0) {
        perror(path);
        exit(1);
    }
}

int main(int count, char **arguments) {
    static city c;
    static tensor_file file;
    if (count != 3) return 2;
    city_init(&c);
    file_area(&file, &c, AREA_METADATA);
    file_finish(&file);
    write_file(arguments[1], &file);
    file_policy(&file, POLICY_METADATA);
    file_finish(&file);
    write_file(arguments[2], &file);
    return 0;
}
