// Counters and percentiles of a host that runs for months: fixed memory, any number of threads.
#ifndef HOST_STATISTICS_HPP
#define HOST_STATISTICS_HPP

#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <ostream>

namespace host {

using Counter = std::atomic<std::uint64_t>;

// Durations in microseconds, in classes that are a sixteenth of a doubling wide: percentiles are at most 4.5 % too high.
class Durations {
public:
    void add(double microseconds) noexcept {
        const double place = microseconds < 1.0 ? 0.0 : std::ceil(16.0 * std::log2(microseconds));
        counts_[std::min(static_cast<std::size_t>(place), counts_.size() - 1)] += 1;
    }

    std::uint64_t count() const noexcept {
        std::uint64_t sum = 0;
        for (const Counter &one : counts_) sum += one;
        return sum;
    }

    // The duration, in microseconds, that this share of all does not exceed; 0 if there are none.
    double percentile(double share) const noexcept {
        const double wanted = share * static_cast<double>(count());
        double sum = 0.0;
        for (std::size_t k = 0; k < counts_.size(); k += 1) {
            sum += static_cast<double>(counts_[k]);
            if (sum > 0.0 && sum >= wanted) return std::exp2(static_cast<double>(k) / 16.0);
        }
        return 0.0;
    }

    void print(std::ostream &out, const char *name) const {
        out << name << ": " << count() << ", milliseconds";
        for (const double share : {0.5, 0.95, 0.99, 0.999, 1.0})
            out << "  p" << 100.0 * share << ' ' << percentile(share) / 1000.0;
        out << '\n';
    }

private:
    std::array<Counter, 512> counts_{}; // up to an hour
};

struct Statistics {
    Counter submitted{0}, applied{0}, unknown{0}; // events; unknown: about a unit or a call that is not on the board
    Counter decisions{0}, cut_off{0}, refused{0}; // decisions by the library; by its floor; by the plain rule
    Counter bad_rows{0};                          // rows of snapshots that were left out
    Counter dispatched{0}, patrols{0};            // orders
    Counter calls{0}, cleared{0};
    Counter swaps{0}, records{0}, lost_records{0};
    Durations intake;   // from an event's submission until it is on the board
    Durations decision; // of the library, as it reports it
    Durations answered; // from a call's submission until it is decided on: a unit is sent, or it waits

    void print(std::ostream &out) const {
        out << "events: " << submitted << " submitted, " << applied << " applied, " << unknown << " unknown\n"
            << "calls: " << calls << " received, " << cleared << " cleared\n"
            << "decisions: " << decisions << ", " << cut_off << " cut off by the deadline, " << refused
            << " by the plain rule, " << bad_rows << " rows left out\n"
            << "orders: " << dispatched << " to calls, " << patrols << " to patrol\n"
            << "policy: " << swaps << " swaps\n"
            << "audit: " << records << " records, " << lost_records << " lost\n";
        intake.print(out, "event to board");
        decision.print(out, "decision");
        answered.print(out, "call to answer");
    }
};

} // namespace host

#endif
