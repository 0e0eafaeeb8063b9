// The host of bindings/cpp/host where things go wrong: the process is killed, the library refuses, the field contradicts.
#include "check.h"

#include "../../bindings/cpp/host/field.hpp"
#include "../../bindings/cpp/host/host.hpp"

#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>

namespace {

const char *const path = "audit.log";

std::vector<char> bytes_of(const char *file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const std::vector<char> &bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

bool add(host::AuditLog &log, const std::string &text) {
    return log.add(host::EntryKind::plain_rule, reinterpret_cast<const std::uint8_t *>(text.data()), text.size());
}

std::string text_of(const host::Entry &entry) { return {entry.bytes.begin(), entry.bytes.end()}; }

// Cut off at every byte, and damaged at every byte: what is whole before it is read, nothing else, and the file goes on.
void test_audit_cut_off() {
    unlink(path);
    std::vector<std::size_t> ends{0};
    for (const char *text : {"one", "", "three"}) {
        host::AuditLog log(path);
        CHECK(log.error() == 0 && add(log, text));
        ends.push_back(bytes_of(path).size());
    }
    const std::vector<char> whole = bytes_of(path);
    for (std::size_t length = 0; length <= whole.size(); length += 1) {
        std::size_t expected = 0;
        while (expected < 3 && ends[expected + 1] <= length) expected += 1;
        write_file({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
        CHECK(host::read_audit(path).entries.size() == expected);
        host::AuditLog log(path);
        CHECK(add(log, "next"));
        const host::AuditFile again = host::read_audit(path);
        CHECK(again.entries.size() == expected + 1 && text_of(again.entries.back()) == "next");
        CHECK(again.length == bytes_of(path).size());
        if (length == whole.size()) continue;
        std::vector<char> damaged = whole;
        damaged[length] = static_cast<char>(damaged[length] ^ 0x10);
        write_file(damaged);
        CHECK(host::read_audit(path).entries.size() == expected);
    }
}

// No room on the disk for the whole of it: the entry is refused, and the file ends as before.
void test_audit_without_room() {
    unlink(path);
    host::AuditLog log(path);
    CHECK(add(log, "first"));
    const std::vector<char> before = bytes_of(path);
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit small{before.size() + 40, limit.rlim_max};
    std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    CHECK(!add(log, "lost, for want of room") && log.error() != 0);
    setrlimit(RLIMIT_FSIZE, &limit);
    CHECK(bytes_of(path) == before && add(log, "second") && host::read_audit(path).entries.size() == 2);
    CHECK(host::AuditLog("/nowhere/audit.log").error() == ENOENT);
}

void test_audit_killed() {
    unlink(path);
    const pid_t child = fork();
    if (child == 0) {
        host::AuditLog log(path);
        for (std::size_t k = 0;; k += 1) add(log, std::string(k * 977 % 30000, 'x'));
    }
    for (struct stat file{}; file.st_size < 1000000; stat(path, &file)) usleep(1000);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const std::size_t count = host::read_audit(path).entries.size();
    CHECK(count > 50);
    host::AuditLog log(path);
    CHECK(add(log, "next"));
    const host::AuditFile after = host::read_audit(path);
    CHECK(after.entries.size() == count + 1 && text_of(after.entries.back()) == "next");
}

const patrol::Area &area() {
    static const patrol::Area grid = host::Grid().area().value();
    return grid;
}

std::vector<patrol::Unit> some_units(std::uint32_t count) {
    std::vector<patrol::Unit> units(count);
    for (std::uint32_t k = 0; k < count; k += 1) {
        units[k].id = 10 + k;
        units[k].x = 100.0 * k, units[k].y = 0.0;
    }
    return units;
}

patrol::Incident call(std::uint64_t id, double x, std::int32_t priority = 1) {
    patrol::Incident made;
    made.id = id, made.x = x, made.y = 0.0, made.priority = priority;
    return made;
}

// More calls than the session holds: it grows. More than any session holds: the plain rule sends the nearest.
void test_desk() {
    auto desk = host::Desk::make(std::make_shared<const patrol::Engine>(patrol::Engine::create(area())), 3, 2).value();
    const std::vector<patrol::Unit> units = some_units(3);
    std::vector<patrol::Incident> calls;
    for (std::uint64_t k = 0; k < 9; k += 1) calls.push_back(call(100 + k, 5000.0, 2));
    patrol::DecideOptions options;
    options.deadline_microseconds = 0;
    host::Decision decision;
    desk.decide(patrol::Snapshot(0.0, units, calls), options, decision);
    CHECK(decision.source == host::Source::search && decision.answer.assignments.size() == 3);

    while (calls.size() < 4097) calls.push_back(call(100 + calls.size(), NAN, 2));
    calls.back() = call(7, 190.0, 1);
    calls.back().units_required = 2;
    desk.decide(patrol::Snapshot(0.0, units, calls), options, decision);
    CHECK(decision.source == host::Source::plain_rule && decision.refusal.find("4096") != std::string::npos);
    CHECK(decision.answer.assignments.size() == 3 && decision.answer.waits.empty() && decision.answer.moves.empty());
    const auto &sent = decision.answer.assignments;
    CHECK(sent.size() == 3 && sent[0].unit_id == 12 && sent[0].incident_id == 7 && sent[1].unit_id == 11 &&
          sent[1].incident_id == 7 && sent[2].unit_id == 10 && sent[2].incident_id == 100);

    options.deadline_microseconds = 1;
    calls.resize(9);
    desk.decide(patrol::Snapshot(0.0, units, calls), options, decision);
    CHECK(decision.source == host::Source::search || decision.source == host::Source::floor);
    CHECK(decision.answer.assignments.size() == 3);
}

// A host with one district; `act` submits its events. Gives what went out until it has stopped.
struct Outcome {
    std::vector<host::Order> sent; // to calls
    std::vector<host::Notice> told;
};

template <class Act>
Outcome run(std::uint32_t units, Act act) {
    Outcome outcome;
    std::mutex mutex;
    host::Settings settings;
    settings.send = [&](const host::Order &order) {
        const std::lock_guard<std::mutex> lock(mutex);
        if (order.call != PATROL_NO_ID) outcome.sent.push_back(order);
    };
    settings.tell = [&](const host::Notice &notice) {
        const std::lock_guard<std::mutex> lock(mutex);
        outcome.told.push_back(notice);
    };
    unlink(path);
    host::AuditLog audit(path);
    host::Host dispatch(settings, {some_units(units)}, audit);
    dispatch.start(patrol::Engine::create(area())).value();
    act(dispatch);
    dispatch.stop();
    CHECK(!dispatch.submit({0, host::CallCleared{1}}));
    CHECK(dispatch.statistics().records == host::read_audit(path).entries.size());
    CHECK(dispatch.statistics().submitted == dispatch.statistics().applied + dispatch.statistics().unknown);
    return outcome;
}

void test_host() {
    Outcome outcome = run(3, [](host::Host &dispatch) {
        CHECK(dispatch.submit({0, host::CallReceived{call(1, 210.0)}}));
        CHECK(!dispatch.submit({1, host::CallReceived{call(2, 0.0)}})); // there is no district 1
    });
    CHECK(outcome.sent.size() == 1 && outcome.sent[0].unit == 12 && outcome.sent[0].call == 1 && outcome.told.empty());

    // The unit gives the call back; then it needs two.
    outcome = run(3, [](host::Host &dispatch) {
        auto more = call(1, 210.0);
        more.units_required = 2;
        dispatch.submit({0, host::CallReceived{call(1, 210.0)}});
        dispatch.submit({0, host::UnitStatus{12, PATROL_UNIT_OFF_DUTY, PATROL_NO_ID}});
        dispatch.submit({0, host::CallReceived{more}});
    });
    CHECK(outcome.sent.size() >= 2 && outcome.sent.back().unit != 12);
    std::size_t to_others = 0;
    for (const host::Order &order : outcome.sent) to_others += order.unit != 12;
    CHECK(to_others == 2);

    // Outside the area, and without a name: a human is told, once.
    outcome = run(2, [](host::Host &dispatch) {
        dispatch.submit({0, host::CallReceived{call(1, 1e7)}});
        dispatch.submit({0, host::UnitStatus{10, PATROL_UNIT_OFF_DUTY, PATROL_NO_ID}});
        dispatch.submit({0, host::UnitStatus{99, PATROL_UNIT_OFF_DUTY, PATROL_NO_ID}});
        dispatch.submit({0, host::UnitStatus{11, PATROL_UNIT_OFF_DUTY, PATROL_NO_ID}});
    });
    std::size_t about_call = 0, about_none = 0;
    for (const host::Notice &notice : outcome.told) (notice.call == 1 ? about_call : about_none) += 1;
    CHECK(outcome.sent.empty() && about_call == 1 && about_none == 1);

    // Sessions that cannot be made: the host does not start, or goes on with what it has.
    unlink(path);
    host::AuditLog audit(path);
    host::Settings settings;
    settings.max_units = 5000;
    host::Host dispatch(settings, {some_units(1)}, audit);
    auto started = dispatch.start(patrol::Engine::create(area()));
    CHECK(!started && started.error().status() == PATROL_ERROR_INVALID_ARGUMENT);
    CHECK(!dispatch.submit({0, host::CallCleared{1}}));
}

} // namespace

int main() {
    test_audit_cut_off();
    test_audit_without_room();
    test_audit_killed();
    test_desk();
    test_host();
    return check_done("host");
}
