#pragma once

#include <leat/connectors/source.hpp>
#include <leat/tests/support/window_fixture.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <utility>
#include <vector>

namespace leat::testing {

/// A topic of events in memory that may grow, in records and in partitions, while it is read. Remembers what was committed,
/// so that another run goes on from there.
///
/// Thread-safe: shared by a test and the sources it makes.
class event_log : public std::enable_shared_from_this<event_log> {
public:
  /// @param read_size records that one read takes at most: small ones make many messages of few events.
  explicit event_log(std::vector<std::vector<event>> partitions, std::size_t read_size = 7) : read_size_{read_size} {
    for (auto& events : partitions)
      partitions_.push_back({std::move(events), 0, 0, min_timestamp, {}});
  }

  void append(std::size_t partition, event e) {
    waker wake;
    {
      const std::lock_guard lock{m_};
      partitions_.at(partition).events.push_back(e);
      wake = partitions_[partition].wake;
    }
    if (wake)
      wake();
  }

  void add_partition(std::vector<event> events) {
    std::function<void(leat::partition)> found;
    leat::partition added;
    {
      const std::lock_guard lock{m_};
      added = name(partitions_.size());
      partitions_.push_back({std::move(events), 0, 0, min_timestamp, {}});
      found = on_new_;
    }
    if (found)
      found(added);
  }

  /// Readers end behind the last event, also in a run that is not bounded.
  void end_without_bound() {
    const std::lock_guard lock{m_};
    ends_ = true;
  }

  /// The position of each partition that a new run starts from.
  [[nodiscard]] std::vector<std::size_t> committed() const {
    const std::lock_guard lock{m_};
    std::vector<std::size_t> all;
    for (const auto& p : partitions_)
      all.push_back(p.committed);
    return all;
  }

  [[nodiscard]] std::vector<event> all_events() const {
    const std::lock_guard lock{m_};
    std::vector<event> all;
    for (const auto& p : partitions_)
      all.insert(all.end(), p.events.begin(), p.events.end());
    return all;
  }

  [[nodiscard]] std::size_t records_read() const {
    const std::lock_guard lock{m_};
    return records_read_;
  }

  /// How many records of each partition have been read, by the run that is under way.
  [[nodiscard]] std::vector<std::size_t> read_of_each() const {
    const std::lock_guard lock{m_};
    std::vector<std::size_t> all;
    for (const auto& p : partitions_)
      all.push_back(p.read);
    return all;
  }

  /// The events of each partition.
  [[nodiscard]] std::vector<std::vector<event>> events_of_each() const {
    const std::lock_guard lock{m_};
    std::vector<std::vector<event>> all;
    for (const auto& p : partitions_)
      all.push_back(p.events);
    return all;
  }

  [[nodiscard]] std::shared_ptr<source> make_source() { return std::make_shared<log_source>(shared_from_this()); }

private:
  struct part {
    std::vector<event> events;
    std::size_t committed = 0;
    std::size_t read = 0;
    timestamp settled = min_timestamp;
    waker wake;
  };

  static leat::partition name(std::size_t number) { return {"events", static_cast<std::int32_t>(number)}; }

  class log_reader final : public partition_reader {
  public:
    log_reader(
      std::shared_ptr<event_log> log, std::size_t number, bool bounded, std::optional<std::int64_t> from, waker wake)
      : log_{std::move(log)}, number_{number}, bounded_{bounded} {
      const std::lock_guard lock{log_->m_};
      log_->partitions_[number_].wake = std::move(wake);
      auto& p = log_->partitions_[number_];
      next_ = p.read = from ? static_cast<std::size_t>(*from) : p.committed;
    }

    ~log_reader() override {
      const std::lock_guard lock{log_->m_};
      log_->partitions_[number_].wake = nullptr;
    }

    read_status read(batch_base& out, batch<dead_letter>&) override {
      const std::lock_guard lock{log_->m_};
      const auto& events = log_->partitions_[number_].events;
      for (std::size_t i = 0; i < log_->read_size_ && next_ < events.size(); ++i, ++next_, ++log_->records_read_)
        batch<event>::of(out).push(events[next_], from_millis(events[next_].time));
      log_->partitions_[number_].read = next_;
      if (next_ < events.size())
        return read_status::more;
      return bounded_ || log_->ends_ ? read_status::ended : read_status::drained;
    }

    [[nodiscard]] std::int64_t position() const override { return static_cast<std::int64_t>(next_); }

    void commit(std::int64_t position, timestamp settled) override {
      const std::lock_guard lock{log_->m_};
      auto& p = log_->partitions_[number_];
      p.committed = static_cast<std::size_t>(position);
      p.settled = settled;
    }

  private:
    const std::shared_ptr<event_log> log_;
    const std::size_t number_;
    const bool bounded_;
    std::size_t next_ = 0;
  };

  class log_source final : public source {
  public:
    explicit log_source(std::shared_ptr<event_log> log) : log_{std::move(log)} {}

    std::vector<leat::partition> open(const connector_context& context) override {
      bounded_ = context.bounded;
      const std::lock_guard lock{log_->m_};
      std::vector<leat::partition> all;
      for (std::size_t i = 0; i < log_->partitions_.size(); ++i)
        all.push_back(name(i));
      return all;
    }

    std::unique_ptr<partition_reader>
    make_reader(const leat::partition& which, std::optional<std::int64_t> from, waker wake) override {
      return std::make_unique<log_reader>(log_, static_cast<std::size_t>(which.number), bounded_, from, std::move(wake));
    }

    void watch(const std::function<void(leat::partition)>& on_new) override {
      const std::lock_guard lock{log_->m_};
      log_->on_new_ = on_new;
    }

    [[nodiscard]] timestamp settled() const override {
      const std::lock_guard lock{log_->m_};
      auto latest = min_timestamp;
      for (const auto& p : log_->partitions_)
        latest = std::max(latest, p.settled);
      return latest;
    }

  private:
    const std::shared_ptr<event_log> log_;
    bool bounded_ = false;
  };

  const std::size_t read_size_;
  mutable std::mutex m_;
  std::vector<part> partitions_;                // guarded by m_
  std::function<void(leat::partition)> on_new_; // guarded by m_
  std::size_t records_read_ = 0;                // guarded by m_
  bool ends_ = false;                           // guarded by m_
};

/// How far behind its predecessors an event of `random_events` may be.
inline constexpr duration event_disorder = 30ms;

/// `each` events of a few keys per partition, a few milliseconds apart, out of order by less than `event_disorder`.
inline std::vector<std::vector<event>> random_events(unsigned seed, std::size_t partitions, std::size_t each) {
  std::mt19937 random{seed};
  std::vector<std::vector<event>> all(partitions);
  for (auto& events : all)
    for (std::size_t i = 0; i < each; ++i)
      events.push_back(
        {static_cast<std::int64_t>(random() % 5), static_cast<std::int64_t>(random() % 100),
         static_cast<std::int64_t>(i * 4 + random() % 29)});
  return all;
}

/// The rows of all windows by a plain loop, sorted.
inline std::vector<window_row> expected_rows(const std::vector<event>& events, duration size, duration slide) {
  std::map<std::pair<std::int64_t, std::int64_t>, window_row> rows;
  for (const auto& e : events)
    for (auto start = e.time / slide.count() * slide.count(); start > e.time - size.count(); start -= slide.count()) {
      auto& r = rows[{start, e.key}];
      r = {e.key, from_millis(start), from_millis(start) + size, r.events + 1, r.sum + e.value};
    }
  std::vector<window_row> sorted;
  for (const auto& [where, r] : rows)
    sorted.push_back(r);
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

/// Rows as the events that windows behind them see.
inline std::vector<event> as_events(const std::vector<window_row>& rows) {
  std::vector<event> events;
  for (const auto& r : rows)
    events.push_back({r.key, r.sum, to_millis(r.window_end) - 1});
  return events;
}

/// The first few rows that only one side has, for a person; empty when both are equal. Both are sorted.
inline std::string differences(const std::vector<window_row>& rows, const std::vector<window_row>& expected) {
  std::string text;
  const auto report = [&](const char* what, const auto& a, const auto& b) {
    std::vector<window_row> only;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
    for (std::size_t i = 0; i < std::min<std::size_t>(3, only.size()); ++i)
      text += what + to_text(only[i]) + '\n';
  };
  report("unexpected: ", rows, expected);
  report("missing: ", expected, rows);
  return text;
}

} // namespace leat::testing
