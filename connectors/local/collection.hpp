#pragma once

#include <leat/base/steady_wall_clock.hpp>
#include <leat/connectors/timed_spec.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace leat {

/// Reads records that are in memory, a partition for each part they are given in, and ends.
template <class T>
class collection_source final : public source {
public:
  using parts = std::vector<std::vector<T>>;

  collection_source(std::shared_ptr<const parts> records, std::shared_ptr<const timestamp_assigner> times)
    : records_{std::move(records)}, times_{std::move(times)} {}

  std::vector<partition> open(const connector_context& context) override {
    std::vector<partition> all;
    for (std::size_t i = 0; i < records_->size(); ++i)
      all.push_back({context.step, static_cast<std::int32_t>(i)});
    return all;
  }

  std::unique_ptr<partition_reader> make_reader(const partition& which, std::optional<std::int64_t> from, waker) override {
    return std::make_unique<reader>(
      records_, static_cast<std::size_t>(which.number), static_cast<std::size_t>(from.value_or(0)), times_);
  }

  [[nodiscard]] std::shared_ptr<const timestamp_assigner> event_times() const override { return times_; }
  [[nodiscard]] bool timed_by_reading() const override { return !times_; }

private:
  class reader final : public partition_reader {
  public:
    reader(
      std::shared_ptr<const parts> all, std::size_t part, std::size_t from, std::shared_ptr<const timestamp_assigner> times)
      : all_{std::move(all)}, records_{(*all_)[part]}, times_{std::move(times)}, next_{std::min(from, records_.size())} {}

    read_status read(batch_base& out, batch<dead_letter>&) override {
      auto& typed = batch<T>::of(out);
      const auto read_at = steady_wall_clock();
      while (next_ < records_.size() && !typed.full())
        typed.push(records_[next_++], read_at);
      if (times_)
        times_->assign(out, 0);
      return next_ < records_.size() ? read_status::more : read_status::ended;
    }

    [[nodiscard]] std::int64_t position() const override { return static_cast<std::int64_t>(next_); }
    void commit(std::int64_t, timestamp) override {} // each run reads all
    [[nodiscard]] std::int64_t lag() const override { return static_cast<std::int64_t>(records_.size() - next_); }

  private:
    const std::shared_ptr<const parts> all_;
    const std::vector<T>& records_;
    const std::shared_ptr<const timestamp_assigner> times_;
    std::size_t next_;
  };

  const std::shared_ptr<const parts> records_;
  const std::shared_ptr<const timestamp_assigner> times_;
};

/// Describes the reading of records in memory; see `collection`.
template <class T>
class collection_spec final : public timed_spec<collection_spec<T>, T> {
public:
  explicit collection_spec(std::vector<std::vector<T>> parts)
    : timed_spec<collection_spec, T>{"collection"}, records_{std::make_shared<const std::vector<std::vector<T>>>(
                                                      std::move(parts))} {}

  [[nodiscard]] std::shared_ptr<source> make_source() const {
    return std::make_shared<collection_source<T>>(records_, this->times_);
  }

private:
  std::shared_ptr<const std::vector<std::vector<T>>> records_;
};

/// A source of these records, in their order, that ends behind the last: `job.source(collection(words))`.
template <class T>
collection_spec<T> collection(std::vector<T> records) {
  std::vector<std::vector<T>> parts;
  parts.push_back(std::move(records));
  return collection_spec<T>{std::move(parts)};
}

/// The same in several partitions, which are read at the same time.
template <class T>
collection_spec<T> partitioned_collection(std::vector<std::vector<T>> parts) {
  return collection_spec<T>{std::move(parts)};
}

} // namespace leat
