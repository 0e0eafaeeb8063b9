#define _GNU_SOURCE
#include "kernels.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

/* Codes of our own stand beside the errno values of the system. */
enum { NOT_A_REGULAR_FILE = 1 << 16, CHANGED_WHILE_READ };

/* One call may move less than 2^31 bytes. */
#define LARGEST_STEP ((size_t)1 << 30)

/* The status of the open file, or of the file at `path` where it is not NULL. On Linux by system call:
 * glibc exports `stat` and `fstat` since 2.33 only, and one symbol would bar every older system. */
static int file_status(int file, const char *path, struct stat *status) {
#if defined(__linux__) && defined(SYS_newfstatat)
    return (int)syscall(SYS_newfstatat, path ? AT_FDCWD : file, path ? path : "", status, path ? 0 : AT_EMPTY_PATH);
#else
    return path ? stat(path, status) : fstat(file, status);
#endif
}

int32_t kernels_file_open(const char *path, int32_t *file, int64_t *size) {
    int opened;
    do { /* Not blocking: opening a FIFO would wait for a writer. */
        opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    } while (opened < 0 && errno == EINTR);
    if (opened < 0) return errno;
    struct stat status;
    int failure = file_status(opened, NULL, &status) != 0 ? errno
                  : S_ISDIR(status.st_mode)               ? EISDIR
                  : !S_ISREG(status.st_mode)              ? NOT_A_REGULAR_FILE
                                                          : 0;
    if (failure) {
        close(opened);
        return failure;
    }
    *file = opened;
    *size = (int64_t)status.st_size;
    return 0;
}

int32_t kernels_file_read(int32_t file, void *bytes, size_t count) {
    size_t done = 0;
    char beyond; /* One byte past the expected end shows a file that has grown. */
    for (;;) {
        size_t step = count - done < LARGEST_STEP ? count - done : LARGEST_STEP;
        ssize_t got = step ? read(file, (char *)bytes + done, step) : read(file, &beyond, 1);
        if (got < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        if (step == 0) return got == 0 ? 0 : CHANGED_WHILE_READ;
        if (got == 0) return CHANGED_WHILE_READ;
        done += (size_t)got;
    }
}

void kernels_file_close(int32_t file) { close(file); }

static int write_all(int file, const void *bytes, size_t count) {
    for (size_t done = 0; done < count;) {
        size_t step = count - done < LARGEST_STEP ? count - done : LARGEST_STEP;
        ssize_t put = write(file, (const char *)bytes + done, step);
        if (put >= 0)
            done += (size_t)put;
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}

/* A rename lasts once the folder that holds the name is on the disk too. */
static int sync_folder(char *path) {
    char *slash = strrchr(path, '/');
    const char *folder = slash == NULL ? "." : slash == path ? "/" : path;
    if (slash) *slash = '\0';
    int opened = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (opened < 0) return errno == EACCES ? 0 : errno;              /* A folder may be writable and not readable. */
    int failure = fsync(opened) == 0 || errno == EINVAL ? 0 : errno; /* Some file systems have no such thing. */
    close(opened);
    return failure;
}

int32_t kernels_file_replace(const char *path, const void *head, size_t head_count, const void *body,
                             size_t body_count) {
    struct stat status;
    if (file_status(-1, path, &status) == 0 && !S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? EISDIR : NOT_A_REGULAR_FILE;

    size_t room = strlen(path) + 48;
    char *temporary = malloc(room);
    if (!temporary) return ENOMEM;
    int file = -1;
    for (int attempt = 0; file < 0 && attempt < 100; attempt++) {
        snprintf(temporary, room, "%s.%ld-%d.tmp", path, (long)getpid(), attempt);
        file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file < 0 && errno != EEXIST && errno != EINTR) break;
    }
    if (file < 0) {
        int failure = errno;
        free(temporary);
        return failure;
    }
    int failure = write_all(file, head, head_count);
    if (!failure) failure = write_all(file, body, body_count);
    if (!failure && fsync(file) != 0) failure = errno;
    if (close(file) != 0 && !failure) failure = errno;
    if (!failure && rename(temporary, path) != 0) failure = errno;
    if (failure)
        unlink(temporary);
    else {
        memcpy(temporary, path, strlen(path) + 1);
        failure = sync_folder(temporary);
    }
    free(temporary);
    return failure;
}

/* Not strerror: its text follows the locale, and its buffer is shared between threads. */
const char *kernels_file_reason(int32_t code) {
    switch (code) {
    case ENOENT: return "no such file or folder";
    case EACCES:
    case EPERM: return "permission denied";
    case EISDIR: return "it is a folder, a regular file was expected";
    case ENOTDIR: return "a part of the path is not a folder";
    case ELOOP: return "too many symbolic links";
    case ENAMETOOLONG: return "the name is too long";
    case EMFILE:
    case ENFILE: return "too many open files";
    case ENOSPC:
    case EDQUOT: return "no space left";
    case EROFS: return "the file system is read-only";
    case EFBIG:
    case EOVERFLOW: return "the file is too large for the system";
    case ENXIO:
    case ENODEV: return "it is a socket or a missing device";
    case ENOMEM: return "not enough memory";
    case EEXIST: return "its temporary files are all there already";
    case EIO: return "the device failed";
    case NOT_A_REGULAR_FILE: return "it is a device, pipe or socket, a regular file was expected";
    case CHANGED_WHILE_READ: return "its size changed while it was read";
    default: return NULL;
    }
}
