#pragma once

#include <leat/actors/epochs/in_flight.hpp>
#include <leat/actors/link.hpp>
#include <leat/actors/task_host.hpp>
#include <leat/base/encoding.hpp>
#include <leat/connectors/sink.hpp>
#include <leat/connectors/source.hpp>
#include <leat/tests/support/stream_text.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

/// What stands around a task in tests, instead of actors, a broker and a clock.
namespace leat::testing {

/// The receiver's end of a channel: a queue that the test empties.
class fake_mailbox {
public:
  using message = std::variant<data_message, signal_message>;

  [[nodiscard]] std::unique_ptr<downstream_link> link() { return std::make_unique<into>(*this); }

  [[nodiscard]] bool empty() const { return waiting.empty(); }
  [[nodiscard]] std::size_t batches() const {
    std::size_t n = 0;
    for (const auto& m : waiting)
      n += std::holds_alternative<data_message>(m) ? 1 : 0;
    return n;
  }

  [[nodiscard]] message pop() {
    auto first = std::move(waiting.front());
    waiting.pop_front();
    return first;
  }

  /// Takes all that waits and tells it, a batch of `T` as its records.
  template <class T = std::int64_t>
  story told() {
    story all;
    while (!empty()) {
      auto m = pop();
      if (auto* data = std::get_if<data_message>(&m))
        tell<T>(all, *data->batch);
      else
        all.push_back(to_text(std::get<signal_message>(m).signal));
    }
    return all;
  }

  std::deque<message> waiting;

private:
  class into final : public downstream_link {
  public:
    explicit into(fake_mailbox& to) : to_{to} {}
    void deliver(data_message m) override { to_.waiting.emplace_back(std::move(m)); }
    void deliver(signal_message m) override { to_.waiting.emplace_back(m); }

  private:
    fake_mailbox& to_;
  };
};

/// The sender's end of a channel: counts the credit that comes back.
struct fake_sender final : upstream_link {
  void refund(std::uint32_t batches) override { refunded += batches; }
  std::uint32_t refunded = 0;
};

/// Numbers that were on their way: ", in flight from 'before' 2: 21@21".
inline std::string in_flight_text(const delta_entry& e) {
  const auto name = decoded<in_flight_name>(e.key);
  auto text = ", " + std::string{name.place == in_flight_place::received ? "in flight" : "unsent"} + " from '" +
              name.sender + "' " + std::to_string(name.from) + ":";
  story records;
  tell<std::int64_t>(
    records, *in_flight_batch(name, decoded<in_flight_records>(*e.value), *record_kind_of<std::int64_t>().codec));
  for (const auto& r : records)
    text += " " + r;
  return text;
}

/// Which entries of which steps an actor has handed over: " totals.leat.slices", and what was on its way.
inline std::string to_text(const actor_state& all) {
  std::string text;
  for (const auto& d : all) {
    delta_reader reader{d};
    while (const auto e = reader.next())
      text += d.states[e->state] == in_flight_state ? in_flight_text(*e) : " " + d.step + "." + d.states[e->state];
  }
  return text;
}

/// Writes down what a task asks of its actor.
struct recording_host final : task_host {
  void run_later() override { ++runs_asked; }
  [[nodiscard]] timestamp now() const override { return time; }
  void wake_at(timestamp when) override { wake_ups.push_back(when); }
  void report(const source_ended& what) override { told.push_back("source ended at " + to_text(what.watermark)); }
  void report(const watermark_report& what) override {
    told.push_back(std::string{what.ended ? "ended" : what.idle ? "idle" : "reached"} + " at " + to_text(what.watermark));
  }
  void report(const barrier_arrived& what) override {
    told.push_back(
      "barrier " + std::to_string(what.epoch) + " settles at " + to_text(what.settles_at) + ", fired until " +
      to_text(what.fired_until));
  }
  void report(const epoch_settled& what) override { told.push_back("settled " + std::to_string(what.epoch)); }
  void report(const sink_ended& what) override { told.push_back("sink ended at " + to_text(what.fired_until)); }

  void report(const snapshot_taken& what) override {
    told.push_back("snapshot " + std::to_string(what.epoch) + to_text(*what.state));
    alignments.push_back(what.alignment);
  }
  void report(const actor_ended& what) override {
    told.push_back("ended" + to_text(*what.state));
    end = what.state;
  }
  void report(const checkpoint_wanted& what) override {
    told.push_back(
      std::string{"wants a checkpoint"} + (what.waits ? ", takes nothing before" : "") +
      (what.rests ? ", sources rest" : ""));
  }
  void report(const epoch_committed& what) override { told.push_back("committed " + std::to_string(what.epoch)); }

  /// What has been reported since the last call.
  story reports() { return std::exchange(told, {}); }

  int runs_asked = 0;
  timestamp time{};                // what the test says it is
  std::vector<timestamp> wake_ups; // asked for
  story told;
  std::vector<duration> alignments;       // of the snapshots
  std::shared_ptr<const actor_state> end; // what was kept at it
};

/// A partition whose reads the test lays out beforehand: each `read` gives the next of them, then `when_empty`.
class scripted_reader final : public partition_reader {
public:
  struct reading {
    std::vector<std::pair<std::int64_t, std::int64_t>> records; // value and event time
    std::vector<std::string> rejected;                          // reasons
    read_status status = read_status::more;
  };

  /// Outlives the reader: what the test sees of it.
  struct script {
    std::deque<reading> readings;
    read_status when_empty = read_status::drained;
    int reads = 0;
    std::int64_t position = 0;
    bool caught_up = true;
    std::vector<std::pair<std::int64_t, std::string>> commits; // position and settled time
  };

  explicit scripted_reader(script& s) : script_{s} {}

  [[nodiscard]] bool caught_up() const override { return script_.caught_up; }

  read_status read(batch_base& out, batch<dead_letter>& rejected) override {
    ++script_.reads;
    if (script_.readings.empty())
      return script_.when_empty;
    const auto next = std::move(script_.readings.front());
    script_.readings.pop_front();
    for (const auto& [value, time] : next.records)
      batch<std::int64_t>::of(out).push(value, from_millis(time));
    for (const auto& reason : next.rejected)
      rejected.push_with({}, [&](dead_letter& letter) {
        letter = {};
        letter.reason = reason;
      });
    script_.position += static_cast<std::int64_t>(next.records.size() + next.rejected.size());
    return next.status;
  }

  [[nodiscard]] std::int64_t position() const override { return script_.position; }
  void commit(std::int64_t position, timestamp settled) override {
    script_.commits.emplace_back(position, to_text(settled));
  }

private:
  script& script_;
};

/// A writer that takes what it has room for, and delivers when the test says so.
class scripted_writer final : public sink_writer {
public:
  /// Outlives the writer: what the test sees of it.
  struct script {
    story written;
    std::size_t room = static_cast<std::size_t>(-1);
    std::uint64_t marked = 0;
    std::uint64_t delivered = 0;
    std::uint64_t rejected = 0;
    bool delivers_at_once = true;
  };

  explicit scripted_writer(script& s) : script_{s} {}

  std::size_t write(const batch_base& in, std::size_t from) override {
    const auto records = static_cast<const batch<std::int64_t>&>(in).records().subspan(from);
    const auto taken = std::min(records.size(), script_.room);
    for (const auto r : records.first(taken))
      script_.written.push_back(to_text(r));
    script_.room -= taken;
    return taken;
  }

  std::uint64_t mark() override {
    ++script_.marked;
    if (script_.delivers_at_once)
      script_.delivered = script_.marked;
    return script_.marked;
  }
  std::uint64_t delivered() override { return script_.delivered; }
  [[nodiscard]] std::uint64_t rejected() const override { return script_.rejected; }

private:
  script& script_;
};

} // namespace leat::testing
