// A dispatch loop: events come in, orders and notices go out.
//
// A district has a board and a queue of its own. Whichever worker is free takes the district that has waited longest, puts its
// events on its board, decides, and sends the orders: the events of a district stay in order, no two decisions about it overlap,
// and its state needs no locks. Each worker has a session of its own.
#ifndef HOST_HOST_HPP
#define HOST_HOST_HPP

#include "audit.hpp"
#include "board.hpp"
#include "desk.hpp"
#include "statistics.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace host {

struct Settings {
    unsigned workers = 2;
    std::uint32_t max_units = 512, max_calls = 256; // of a district; a session grows where there are more
    std::uint64_t deadline_microseconds = 40000; // at least what patrol_session_least_deadline says: see `Host::start`
    std::size_t queue_capacity = 65536;          // events of a district; `submit` then waits
    std::chrono::milliseconds patrol_interval{1000}; // how often patrol is decided, and held calls are looked at again
    std::function<double()> time = [] { return 0.0; }; // now, in seconds since a Monday 00:00
    std::function<void(const Order &)> send = [](const Order &) {};
    std::function<void(const Notice &)> tell = [](const Notice &) {};
};

class Host {
public:
    // One list of units for each district. `audit` outlives the host.
    Host(Settings settings, std::vector<std::vector<patrol::Unit>> districts, AuditLog &audit)
        : settings_(std::move(settings)), audit_(audit) {
        for (auto &units : districts) districts_.emplace_back(std::move(units));
    }
    ~Host() { stop(); }

    // Begins to decide. The deadline is raised to the shortest that is useful here.
    patrol::Result<void> start(patrol::Engine engine) {
        desks_.resize(settings_.workers);
        auto made = swap(std::move(engine));
        if (!made) return made;
        auto least = desks_[0]->least_deadline();
        if (!least) return least.error();
        settings_.deadline_microseconds = std::max(settings_.deadline_microseconds, *least);
        running_ = true;
        next_round_ = Clock::now();
        for (unsigned k = 0; k < settings_.workers; k += 1) workers_.emplace_back([this, k] { work(k); });
        return {};
    }

    std::uint64_t deadline_microseconds() const { return settings_.deadline_microseconds; }
    const Statistics &statistics() const { return statistics_; }

    // Any thread. False: the host has stopped, or has no such district.
    bool submit(Event event) {
        std::unique_lock<std::mutex> lock(mutex_);
        if (event.district >= districts_.size()) return false;
        District &district = districts_[event.district];
        has_room_.wait(lock, [&] { return !running_ || district.queue.size() < settings_.queue_capacity; });
        if (!running_) return false;
        district.queue.push_back(std::move(event));
        statistics_.submitted += 1;
        make_ready(district);
        return true;
    }

    // Any thread, at any time: another policy or other rules, for the same area. Sessions are made here; workers take them before
    // their next decision. If one cannot be made, everything goes on with what was there.
    patrol::Result<void> swap(patrol::Engine engine) {
        const auto shared = std::make_shared<const patrol::Engine>(std::move(engine));
        std::vector<std::unique_ptr<Desk>> desks;
        for (unsigned k = 0; k < settings_.workers; k += 1) {
            auto desk = Desk::make(shared, settings_.max_units, settings_.max_calls);
            if (!desk) return desk.error();
            desks.push_back(std::make_unique<Desk>(*std::move(desk)));
        }
        const std::lock_guard<std::mutex> lock(mutex_);
        (running_ ? next_desks_ : desks_) = std::move(desks);
        statistics_.swaps += running_;
        return {};
    }

    // Every event that was submitted is on its board afterwards, and decided on.
    void stop() {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            running_ = false;
        }
        has_work_.notify_all();
        has_room_.notify_all();
        for (std::thread &worker : workers_) worker.join();
        workers_.clear();
        audit_.sync();
    }

private:
    struct District {
        explicit District(std::vector<patrol::Unit> units) : board(std::move(units)) {}
        Board board;
        std::deque<Event> queue;
        bool is_listed = false;   // in `ready_`, or in a worker's hands
        bool round_is_due = true; // decide on patrol too, although nothing has happened
        bool was_refused = false; // the last decision: whoever is told is told once
    };

    // The mutex is held.
    void make_ready(District &district) {
        if (district.is_listed) return;
        district.is_listed = true;
        ready_.push_back(&district);
        has_work_.notify_one();
    }

    void work(unsigned index) {
        std::vector<Event> events;
        Decision decision;
        std::unique_lock<std::mutex> lock(mutex_);
        for (;;) {
            const auto has_work = [this] { return !ready_.empty() || !running_ || Clock::now() >= next_round_; };
            has_work_.wait_until(lock, next_round_, has_work);
            if (running_ && Clock::now() >= next_round_) begin_round();
            if (ready_.empty()) {
                if (!running_) return;
                continue;
            }
            District &district = *ready_.front();
            ready_.pop_front();
            events.assign(std::make_move_iterator(district.queue.begin()),
                          std::make_move_iterator(district.queue.end()));
            district.queue.clear();
            const bool is_round = std::exchange(district.round_is_due, false);
            if (index < next_desks_.size() && next_desks_[index]) desks_[index] = std::move(next_desks_[index]);
            has_room_.notify_all();
            lock.unlock();
            serve(district, events, is_round, *desks_[index], decision);
            lock.lock();
            district.is_listed = false;
            if (!district.queue.empty() || district.round_is_due) make_ready(district);
        }
    }

    // The mutex is held.
    void begin_round() {
        next_round_ = std::max(next_round_ + settings_.patrol_interval, Clock::now());
        for (District &district : districts_) {
            district.round_is_due = true;
            make_ready(district);
        }
    }

    void serve(District &district, const std::vector<Event> &events, bool is_round, Desk &desk, Decision &decision) {
        bool is_due = is_round;
        for (const Event &event : events) {
            const Effect effect = district.board.apply(event);
            if (effect == Effect::unknown)
                tell(district, PATROL_NO_ID, "an event names a unit or a call that is not here");
            (effect == Effect::unknown ? statistics_.unknown : statistics_.applied) += 1;
            statistics_.calls += std::holds_alternative<CallReceived>(event.what);
            statistics_.cleared += effect != Effect::unknown && std::holds_alternative<CallCleared>(event.what);
            statistics_.intake.add(microseconds_since(event.at));
            is_due = is_due || effect == Effect::decide;
        }
        if (!is_due) return;
        patrol::DecideOptions options;
        options.tasks = PATROL_TASK_DISPATCH | (is_round ? PATROL_TASK_PATROL : 0);
        options.deadline_microseconds = settings_.deadline_microseconds;
        const patrol::Snapshot snapshot = district.board.snapshot(settings_.time());
        desk.decide(snapshot, options, decision);
        record(district, desk, snapshot, options, decision);
        act(district, decision);
        if (is_round) audit_.sync();
    }

    // Before anything is sent: what is done is in the file.
    void record(District &district, Desk &desk, const patrol::Snapshot &snapshot, const patrol::DecideOptions &options,
                const Decision &decision) {
        bool is_recorded = false;
        if (decision.source == Source::plain_rule) {
            std::string text = "refused: " + decision.refusal;
            for (const auto &one : decision.answer.assignments)
                text += "; unit " + std::to_string(one.unit_id) + " to call " + std::to_string(one.incident_id);
            is_recorded =
                audit_.add(EntryKind::plain_rule, reinterpret_cast<const std::uint8_t *>(text.data()), text.size());
        } else if (auto bytes = desk.engine().try_record(snapshot, decision.answer, options)) {
            is_recorded = audit_.add(EntryKind::decision, bytes->data(), bytes->size());
        }
        (is_recorded ? statistics_.records : statistics_.lost_records) += 1;
        if (!is_recorded) tell(district, PATROL_NO_ID, "a decision could not be written to the audit file");
    }

    void act(District &district, const Decision &decision) {
        const auto &answer = decision.answer;
        const auto number = static_cast<std::uint32_t>(index_of(district));
        (decision.source == Source::plain_rule ? statistics_.refused : statistics_.decisions) += 1;
        statistics_.cut_off += decision.source == Source::floor;
        statistics_.bad_rows += answer.issues.size();
        const bool is_refused = decision.source == Source::plain_rule;
        if (!is_refused) statistics_.decision.add(static_cast<double>(answer.microseconds));
        if (is_refused && !district.was_refused)
            tell(district, PATROL_NO_ID, "the plain rule decides: " + decision.refusal);
        district.was_refused = is_refused;
        district.board.each_new_answer([&](Clock::time_point at) { statistics_.answered.add(microseconds_since(at)); });
        for (const patrol::Assignment &one : answer.assignments) {
            district.board.send(one.unit_id, one.incident_id);
            statistics_.dispatched += 1;
            settings_.send({number, one.unit_id, one.incident_id, PATROL_NO_NODE, decision.source});
        }
        for (const patrol::Move &move : answer.moves) {
            if (move.target_node == PATROL_NO_NODE || move.reason == PATROL_MOVE_KEPT_TARGET) continue;
            district.board.patrol(move);
            statistics_.patrols += 1;
            settings_.send({number, move.unit_id, PATROL_NO_ID, move.target_node, decision.source});
        }
        for (const patrol::Wait &wait : answer.waits)
            if (wait.reason == PATROL_WAIT_LEFT_OUT && district.board.first_notice(wait.incident_id))
                tell(district, wait.incident_id, answer.first_issue.message);
    }

    void tell(District &district, std::uint64_t call, std::string sentence) {
        settings_.tell({static_cast<std::uint32_t>(index_of(district)), call, std::move(sentence)});
    }

    std::size_t index_of(const District &district) const {
        return static_cast<std::size_t>(
            std::find_if(districts_.begin(), districts_.end(), [&](const District &one) { return &one == &district; }) -
            districts_.begin());
    }

    static double microseconds_since(Clock::time_point at) {
        return std::chrono::duration<double, std::micro>(Clock::now() - at).count();
    }

    Settings settings_;
    AuditLog &audit_;
    Statistics statistics_;
    std::deque<District> districts_;
    std::vector<std::unique_ptr<Desk>> desks_, next_desks_; // by worker
    std::vector<std::thread> workers_;

    std::mutex mutex_; // of queues, flags, `ready_` and `next_desks_`; boards belong to whoever serves them
    std::condition_variable has_work_, has_room_;
    std::deque<District *> ready_;
    Clock::time_point next_round_{};
    bool running_ = false;
};

} // namespace host

#endif
