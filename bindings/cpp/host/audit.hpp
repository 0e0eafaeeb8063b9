// Decisions in a file that is only added to. Whenever the process or the machine dies, what was added before can be read: each
// entry has its length and a checksum, and a last entry that is not whole is cut off when the file is next opened.
//
//     entry    "PAUD", kind (4 bytes), number (8), length (8), checksum (8), then the bytes; numbers in this machine's order
#ifndef HOST_AUDIT_HPP
#define HOST_AUDIT_HPP

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace host {

enum class EntryKind : std::uint32_t {
    decision = 1,  // a record: patrol::Engine::try_replay
    plain_rule = 2 // a sentence: what the host decided by itself, and why
};

struct Entry {
    EntryKind kind;
    std::uint64_t number; // counts from 0: a missing one shows
    std::vector<std::uint8_t> bytes;
};

namespace detail {

struct EntryHead {
    char mark[4];
    EntryKind kind;
    std::uint64_t number, length, checksum;
};
static_assert(sizeof(EntryHead) == 32);

// FNV-1a of head and bytes.
inline std::uint64_t checksum(EntryHead head, const std::uint8_t *bytes) {
    std::uint64_t hash = 14695981039346656037u;
    const auto mix = [&hash](const std::uint8_t *data, std::size_t count) {
        for (std::size_t k = 0; k < count; k += 1) hash = (hash ^ data[k]) * 1099511628211u;
    };
    head.checksum = 0;
    mix(reinterpret_cast<const std::uint8_t *>(&head), sizeof head);
    mix(bytes, head.length);
    return hash;
}

} // namespace detail

struct AuditFile {
    std::vector<Entry> entries; // those that are whole, from the first on
    std::uint64_t length = 0;   // of these, bytes
};

inline AuditFile read_audit(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    AuditFile read;
    for (;;) {
        detail::EntryHead head;
        if (bytes.size() - read.length < sizeof head) return read;
        std::memcpy(&head, bytes.data() + read.length, sizeof head);
        const auto *data = reinterpret_cast<const std::uint8_t *>(bytes.data() + read.length + sizeof head);
        if (std::memcmp(head.mark, "PAUD", 4) != 0 || head.number != read.entries.size() ||
            head.length > bytes.size() - read.length - sizeof head || head.checksum != detail::checksum(head, data))
            return read;
        read.entries.push_back({head.kind, head.number, {data, data + head.length}});
        read.length += sizeof head + head.length;
    }
}

class AuditLog {
public:
    // Opens the file, or makes it. An error is told by `error()`; nothing is then written.
    explicit AuditLog(const std::string &path)
        : file_(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640)) {
        const AuditFile before = read_audit(path);
        number_ = before.entries.size();
        length_ = before.length;
        if (file_ < 0 || ftruncate(file_, static_cast<off_t>(length_)) != 0) error_ = errno;
    }
    AuditLog(const AuditLog &) = delete;
    AuditLog &operator=(const AuditLog &) = delete;
    ~AuditLog() {
        if (file_ >= 0) close(file_);
    }

    int error() const { return error_; } // errno of the last failure, or 0

    // Adds an entry, in one write. False: it is not in the file (no room on the disk), which still ends with a whole entry.
    bool add(EntryKind kind, const std::uint8_t *bytes, std::size_t count) {
        const std::lock_guard<std::mutex> lock(mutex_);
        detail::EntryHead head{{'P', 'A', 'U', 'D'}, kind, number_, count, 0};
        head.checksum = detail::checksum(head, bytes);
        frame_.resize(sizeof head + count);
        std::memcpy(frame_.data(), &head, sizeof head);
        if (count > 0) std::memcpy(frame_.data() + sizeof head, bytes, count);
        ssize_t written;
        do written = write(file_, frame_.data(), frame_.size());
        while (written < 0 && errno == EINTR);
        if (written != static_cast<ssize_t>(frame_.size())) {
            error_ = written < 0 ? errno : ENOSPC;
            if (written > 0 && ftruncate(file_, static_cast<off_t>(length_)) != 0) error_ = errno;
            return false;
        }
        number_ += 1;
        length_ += frame_.size();
        return true;
    }

    // What was added is on the disk afterwards, against a loss of power.
    void sync() { fdatasync(file_); }

private:
    std::mutex mutex_;
    int file_;
    int error_ = 0;
    std::uint64_t number_ = 0, length_ = 0;
    std::vector<std::uint8_t> frame_;
};

} // namespace host

#endif
