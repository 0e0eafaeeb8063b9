#define _GNU_SOURCE
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

int32_t serve_records_open(const char *path, int32_t *file, int64_t *size) {
    int opened = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (opened < 0) return errno;
    off_t end = flock(opened, LOCK_EX | LOCK_NB) == 0 ? lseek(opened, 0, SEEK_END) : -1;
    if (end < 0) {
        int failure = errno;
        close(opened);
        return failure;
    }
    *file = opened;
    *size = end;
    return 0;
}

int32_t serve_records_read(int32_t file, int64_t place, void *bytes, size_t count) {
    for (size_t done = 0; done < count;) {
        ssize_t got = pread(file, (char *)bytes + done, count - done, place + (off_t)done);
        if (got == 0) return EIO;
        if (got > 0)
            done += (size_t)got;
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}

int32_t serve_records_add(int32_t file, int64_t size, const void *bytes, size_t count) {
    ssize_t put;
    do put = write(file, bytes, count);
    while (put < 0 && errno == EINTR);
    if (put == (ssize_t)count) return 0;
    int failure = put < 0 ? errno : ENOSPC;
    if (put > 0 && ftruncate(file, size) != 0) failure = errno;
    return failure;
}

int32_t serve_records_cut(int32_t file, int64_t size) { return ftruncate(file, size) == 0 ? 0 : errno; }

int32_t serve_records_sync(int32_t file) { return fdatasync(file) == 0 ? 0 : errno; }

int32_t serve_read_file(const char *path, void *bytes, size_t capacity, size_t *count) {
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), failure = 0;
    if (file < 0) return errno;
    *count = 0;
    for (ssize_t got = 1; got != 0 && !failure;) {
        if (*count == capacity)
            failure = EFBIG;
        else if ((got = read(file, (char *)bytes + *count, capacity - *count)) >= 0)
            *count += (size_t)got;
        else if (errno != EINTR)
            failure = errno;
    }
    close(file);
    return failure;
}
