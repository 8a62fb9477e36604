#pragma once

#include <leat/connectors/event_time.hpp>
#include <leat/connectors/immediate_writer.hpp>
#include <leat/connectors/spec.hpp>

#include <algorithm>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// Partitions of records in memory, and what was committed of them. Shared by a test and the source it made.
template <class T>
struct memory_log {
  std::vector<std::vector<T>> partitions;

  std::mutex m;
  std::vector<std::pair<std::int64_t, timestamp>> committed; // per partition: position and settled; guarded by m

  explicit memory_log(std::vector<std::vector<T>> records)
    : partitions{std::move(records)}, committed(partitions.size(), {0, min_timestamp}) {}
};

/// Reads a `memory_log`: ends when bounded, otherwise waits for ever behind the last record.
template <class T>
class memory_source final : public source {
public:
  memory_source(std::shared_ptr<memory_log<T>> log, std::function<timestamp(const T&)> time_of)
    : log_{std::move(log)}, time_of_{std::move(time_of)} {}

  std::vector<partition> open(const connector_context& context) override {
    bounded_ = context.bounded;
    std::vector<partition> all;
    for (std::size_t i = 0; i < log_->partitions.size(); ++i)
      all.push_back({"memory", static_cast<std::int32_t>(i)});
    return all;
  }

  std::unique_ptr<partition_reader> make_reader(const partition& which, std::optional<std::int64_t> from, waker) override {
    return std::make_unique<reader>(*this, static_cast<std::size_t>(which.number), from);
  }

  [[nodiscard]] timestamp settled() const override {
    auto settled = min_timestamp;
    const std::lock_guard lock{log_->m};
    for (const auto& [position, until] : log_->committed)
      settled = std::max(settled, until);
    return settled;
  }

private:
  class reader final : public partition_reader {
  public:
    reader(memory_source& from, std::size_t number, std::optional<std::int64_t> at) : from_{from}, number_{number} {
      const std::lock_guard lock{from_.log_->m};
      next_ = static_cast<std::size_t>(at.value_or(from_.log_->committed[number].first));
    }

    read_status read(batch_base& out, batch<dead_letter>&) override {
      const auto& records = from_.log_->partitions[number_];
      auto& typed = batch<T>::of(out);
      while (next_ < records.size() && !typed.full()) {
        typed.push(records[next_], from_.time_of_(records[next_]));
        ++next_;
      }
      if (next_ < records.size())
        return read_status::more;
      return from_.bounded_ ? read_status::ended : read_status::drained;
    }

    [[nodiscard]] std::int64_t position() const override { return static_cast<std::int64_t>(next_); }

    void commit(std::int64_t position, timestamp settled) override {
      const std::lock_guard lock{from_.log_->m};
      from_.log_->committed[number_] = {position, settled};
    }

  private:
    memory_source& from_;
    const std::size_t number_;
    std::size_t next_ = 0;
  };

  std::shared_ptr<memory_log<T>> log_;
  std::function<timestamp(const T&)> time_of_;
  bool bounded_ = false;
};

/// What `.source(…)` takes for a `memory_log`.
template <class T>
struct from_memory {
  using record = T;
  std::shared_ptr<memory_log<T>> log;
  std::function<timestamp(const T&)> time_of;
  duration out_of_orderness{};

  [[nodiscard]] std::string name() const { return "memory"; }
  [[nodiscard]] std::shared_ptr<source> make_source() const { return std::make_shared<memory_source<T>>(log, time_of); }
  [[nodiscard]] std::shared_ptr<sink> make_dead_letters() const { return nullptr; }
  [[nodiscard]] watermark_rule watermarks() const { return late_by(out_of_orderness); }
};

/// What arrived at a `memory_sink`, and how willing it is: corked, it refuses every record.
template <class T>
struct memory_rows {
  std::mutex m;
  std::vector<T> rows;       // guarded by m
  std::size_t room = -1UL;   // how many more it takes; guarded by m
  std::vector<waker> wakers; // guarded by m

  void cork() {
    const std::lock_guard lock{m};
    room = 0;
  }

  void uncork() { take(-1UL); }

  /// Corked behind the next `records`.
  void take(std::size_t records) {
    std::vector<waker> to_wake;
    {
      const std::lock_guard lock{m};
      room = records;
      to_wake = wakers;
    }
    for (const auto& wake : to_wake)
      wake();
  }

  [[nodiscard]] std::vector<T> all() {
    const std::lock_guard lock{m};
    return rows;
  }
};

template <class T>
class memory_sink final : public sink {
public:
  explicit memory_sink(std::shared_ptr<memory_rows<T>> rows) : rows_{std::move(rows)} {}

  void open(const connector_context&) override {}

  std::unique_ptr<sink_writer> make_writer(std::uint32_t, std::uint32_t, waker wake) override {
    const std::lock_guard lock{rows_->m};
    rows_->wakers.push_back(std::move(wake));
    return std::make_unique<writer>(rows_);
  }

private:
  class writer final : public immediate_writer {
  public:
    explicit writer(std::shared_ptr<memory_rows<T>> rows) : rows_{std::move(rows)} {}

    std::size_t write(const batch_base& in, std::size_t from) override {
      const auto records = static_cast<const batch<T>&>(in).records();
      const std::lock_guard lock{rows_->m};
      const auto some = records.subspan(from, std::min(rows_->room, records.size() - from));
      rows_->rows.insert(rows_->rows.end(), some.begin(), some.end());
      if (rows_->room != -1UL)
        rows_->room -= some.size();
      return some.size();
    }

  private:
    std::shared_ptr<memory_rows<T>> rows_;
  };

  std::shared_ptr<memory_rows<T>> rows_;
};

/// What `.sink(…)` takes for `memory_rows`.
template <class T>
struct to_memory {
  using record = T;
  std::shared_ptr<memory_rows<T>> rows;
  std::string step_name = "rows";

  [[nodiscard]] std::string name() const { return step_name; }
  [[nodiscard]] std::shared_ptr<sink> make_sink() const { return std::make_shared<memory_sink<T>>(rows); }
  [[nodiscard]] delivery guarantee() const { return delivery::at_least_once; }
};

} // namespace leat::testing
