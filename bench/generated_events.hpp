#pragma once

#include <leat/connectors/immediate_writer.hpp>
#include <leat/connectors/spec.hpp>

#include <boost/describe.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace leat::bench {

struct event {
  std::int64_t key = 0;
  std::int64_t value = 0;
};
BOOST_DESCRIBE_STRUCT(event, (), (key, value))

/// A source in memory: so many events in each partition, a millisecond of event time apart.
struct generated_events {
  using record = event;
  std::int64_t events = 0; ///< per partition
  std::int64_t keys = 1;
  std::int32_t partitions = 2;
  std::string step_name = "generated";
  bool each_in_turn =
    false; ///< in one partition, every key once before any of them again; the value is how often it came before

  /// Event `i` of a partition; cheap, so that what comes behind it is measured and not the generator.
  [[nodiscard]] event at(std::int64_t i) const {
    if (each_in_turn)
      return {i * 7'919 % keys, i / keys};
    return {static_cast<std::int64_t>((static_cast<std::uint64_t>(i) * 0x9e37'79b9'7f4a'7c15ULL) >> 40) % keys, i & 0xff};
  }

  [[nodiscard]] std::string name() const { return step_name; }
  [[nodiscard]] std::shared_ptr<source> make_source() const;
  [[nodiscard]] std::shared_ptr<sink> make_dead_letters() const { return nullptr; }
  [[nodiscard]] watermark_rule watermarks() const { return {}; }
};

class generated_partition final : public partition_reader {
public:
  explicit generated_partition(const generated_events& what, std::int64_t from = 0) : what_{what}, next_{from} {}

  read_status read(batch_base& out, batch<dead_letter>&) override {
    const auto n = std::min<std::int64_t>(what_.events - next_, max_batch_records);
    auto& typed = batch<event>::of(out);
    typed.reserve(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i, ++next_)
      typed.push(what_.at(next_), from_millis(next_));
    return next_ < what_.events ? read_status::more : read_status::ended;
  }
  [[nodiscard]] std::int64_t position() const override { return next_; }
  void commit(std::int64_t, timestamp) override {}

private:
  const generated_events what_;
  std::int64_t next_;
};

class generated_source final : public source {
public:
  explicit generated_source(generated_events what) : what_{std::move(what)} {}

  std::vector<partition> open(const connector_context&) override {
    std::vector<partition> all;
    for (std::int32_t i = 0; i < what_.partitions; ++i)
      all.push_back({what_.step_name, i});
    return all;
  }
  std::unique_ptr<partition_reader> make_reader(const partition&, std::optional<std::int64_t> from, waker) override {
    return std::make_unique<generated_partition>(what_, from.value_or(0));
  }

private:
  const generated_events what_;
};

inline std::shared_ptr<source> generated_events::make_source() const { return std::make_shared<generated_source>(*this); }

/// A sink that counts rows and forgets them.
template <class T>
struct counted_rows {
  using record = T;
  std::shared_ptr<std::atomic<std::int64_t>> rows = std::make_shared<std::atomic<std::int64_t>>(0);

  [[nodiscard]] std::string name() const { return "counted"; }
  [[nodiscard]] std::shared_ptr<sink> make_sink() const;
  [[nodiscard]] delivery guarantee() const { return delivery::at_least_once; }
};

class counting_sink final : public sink {
public:
  explicit counting_sink(std::shared_ptr<std::atomic<std::int64_t>> rows) : rows_{std::move(rows)} {}

  void open(const connector_context&) override {}
  std::unique_ptr<sink_writer> make_writer(std::uint32_t, std::uint32_t, waker) override {
    return std::make_unique<writer>(rows_);
  }

private:
  class writer final : public immediate_writer {
  public:
    explicit writer(std::shared_ptr<std::atomic<std::int64_t>> rows) : rows_{std::move(rows)} {}
    std::size_t write(const batch_base& in, std::size_t from) override {
      const auto taken = in.size() - from;
      rows_->fetch_add(static_cast<std::int64_t>(taken), std::memory_order_relaxed);
      return taken;
    }

  private:
    const std::shared_ptr<std::atomic<std::int64_t>> rows_;
  };

  const std::shared_ptr<std::atomic<std::int64_t>> rows_;
};

template <class T>
std::shared_ptr<sink> counted_rows<T>::make_sink() const {
  return std::make_shared<counting_sink>(rows);
}

} // namespace leat::bench
