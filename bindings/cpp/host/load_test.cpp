// Drives the host with a made-up city for a while and says whether anything was lost:
//
//     load_test [SECONDS [EVENTS_A_SECOND [UNITS [AUDIT_FILE [POLICY]]]]]        60 1000 500 audit.log
//
// The rules are exchanged twice while it runs, or the policy, if a file is given. Events come at fixed times, whether or not the
// host keeps up, and delays count from these. Ends with status 1 if an event, a call, an order or a record is missing, or a record
// does not replay.
//
// Build: c++ -std=c++17 -O2 -pthread load_test.cpp $(pkg-config --cflags --libs libpatrol)
#include "field.hpp"
#include "host.hpp"

#include <cstdlib>
#include <iostream>

namespace {

int missing = 0;

void expect_same(const char *what, std::uint64_t found, std::uint64_t expected) {
    if (found == expected) return;
    std::cout << "LOST: " << what << ": " << found << ", expected " << expected << '\n';
    missing += 1;
}

// Submits an event every 1/rate seconds; calls come until `seconds` have passed, then the last are served.
std::uint64_t drive(host::Host &dispatch, host::Field &field, double seconds, double rate, std::uint32_t units,
                    const std::function<void()> &swap) {
    const auto began = host::Clock::now();
    const double calls_per_second = units * 0.03;
    std::uint64_t sent = 0;
    double calls = 0.0, swapped = 0.0;
    for (double now = 0.0; now < seconds || (!field.is_quiet() && now < seconds + 60.0); now += 1.0 / rate) {
        const auto at = began + std::chrono::duration_cast<host::Clock::duration>(std::chrono::duration<double>(now));
        std::this_thread::sleep_until(at);
        if (now < seconds && calls < now * calls_per_second) calls += 1.0, field.call();
        if (now > (swapped + 1.0) * seconds / 3.0 && swapped < 2.0) swapped += 1.0, swap();
        sent += dispatch.submit(field.next(at));
    }
    return sent;
}

void replay(const std::string &path, const std::vector<patrol::Engine> &engines) {
    const host::AuditFile audit = host::read_audit(path);
    std::uint64_t replayed = 0, decisions = 0;
    for (std::size_t k = 0; k < audit.entries.size(); k += 1 + audit.entries.size() / 1000) {
        if (audit.entries[k].kind != host::EntryKind::decision) continue;
        decisions += 1;
        for (const patrol::Engine &engine : engines)
            if (engine.try_replay(audit.entries[k].bytes)) {
                replayed += 1;
                break;
            }
    }
    std::cout << "replayed: " << replayed << " of " << decisions << " records\n";
    expect_same("records that replay", replayed, decisions);
}

} // namespace

int main(int count, char **arguments) try {
    const double seconds = count > 1 ? std::atof(arguments[1]) : 60.0;
    const double rate = count > 2 ? std::atof(arguments[2]) : 1000.0;
    const auto units = static_cast<std::uint32_t>(count > 3 ? std::atoi(arguments[3]) : 500);
    const std::string path = count > 4 ? arguments[4] : "audit.log";
    patrol::check_version();

    const patrol::Area area = host::Grid().area().value();
    patrol::EngineOptions first, second;
    second.own_beat_penalty_seconds = 60.0f;
    const auto make = [&](bool is_second) {
        if (count > 5 && is_second) return patrol::Engine::create(area, patrol::Policy::load(arguments[5]), second);
        return patrol::Engine::create(area, is_second ? second : first);
    };

    host::AuditLog audit(path);
    if (audit.error() != 0) throw std::runtime_error(path + ": " + std::strerror(audit.error()));
    const std::size_t records_before = host::read_audit(path).entries.size();
    host::Field field(units);
    host::Settings settings;
    settings.send = [&field](const host::Order &order) { field.receive(order); };
    settings.tell = [](const host::Notice &notice) { std::cout << "notice: " << notice.sentence << '\n'; };
    host::Host dispatch(settings, field.districts(), audit);
    dispatch.start(make(false)).value();
    std::cout << "deadline: " << static_cast<double>(dispatch.deadline_microseconds()) / 1000.0 << " ms\n";

    bool is_second = false;
    const auto swap = [&] { dispatch.swap(make(is_second = !is_second)).value(); };
    const std::uint64_t sent = drive(dispatch, field, seconds, rate, units, swap);
    dispatch.stop();

    const host::Statistics &all = dispatch.statistics();
    all.print(std::cout);
    expect_same("events submitted", all.submitted, sent);
    expect_same("events on the board", all.applied, sent);
    expect_same("calls received", all.calls, field.calls());
    expect_same("calls served", all.cleared, field.calls());
    expect_same("calls answered", all.answered.count(), field.calls());
    expect_same("orders to calls", all.dispatched, field.required());
    expect_same("policies exchanged", all.swaps, 2);
    expect_same("records", all.records, all.decisions + all.refused);
    expect_same("records in the file", host::read_audit(path).entries.size() - records_before, all.records);
    std::vector<patrol::Engine> engines;
    engines.push_back(make(false));
    engines.push_back(make(true));
    replay(path, engines);
    std::cout << (missing == 0 ? "nothing was lost\n" : "something was lost\n");
    return missing == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception &error) {
    std::cerr << "load_test: " << error.what() << '\n';
    return EXIT_FAILURE;
}
