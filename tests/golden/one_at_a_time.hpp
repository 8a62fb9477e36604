#pragma once

#include <leat/base/metrics.hpp>
#include <leat/connectors/event_time.hpp>
#include <leat/connectors/spec.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace leat::testing {

/// When a run is to die: in the middle of its records, behind a checkpoint.
class death {
public:
  /// @param records of all sources, after which no more are read before a checkpoint has all of them.
  /// @param behind it so many are read. @param registry the run's.
  death(std::int64_t records, std::int64_t behind, const metrics& registry)
    : left_{records}, left_behind_{behind}, registry_{registry} {}

  /// Whether another record may be read. @throws when the run is to die.
  bool may_read() {
    if (taken_from(left_))
      return true;
    const auto stored = registry_.sum("checkpoints_completed");
    std::int64_t none = -1;
    if (stored_before_.compare_exchange_strong(none, stored) || stored < stored_before_ + 2)
      return false; // that after the next holds everything that was read
    if (taken_from(left_behind_))
      return true;
    throw std::runtime_error{"killed"};
  }

private:
  static bool taken_from(std::atomic<std::int64_t>& left) {
    if (left.fetch_sub(1) > 0)
      return true;
    left.fetch_add(1);
    return false;
  }

  std::atomic<std::int64_t> left_;
  std::atomic<std::int64_t> left_behind_; // the checkpoint
  std::atomic<std::int64_t> stored_before_{-1};
  const metrics& registry_;
};

/// Reads what another source reads, a record at a time, and has the watermark follow each: a reader that says that it is
/// drained makes its actor say the watermark. Its position is the number of records.
template <class T>
class one_at_a_time_source final : public source {
public:
  one_at_a_time_source(std::shared_ptr<source> from, std::shared_ptr<death> end)
    : from_{std::move(from)}, end_{std::move(end)} {}

  std::vector<partition> open(const connector_context& context) override {
    auto anew = context;
    anew.read.clear(); // positions are this source's own
    return from_->open(anew);
  }

  std::unique_ptr<partition_reader>
  make_reader(const partition& which, std::optional<std::int64_t> from, waker wake) override {
    return std::make_unique<reader>(from_->make_reader(which, {}, wake), from.value_or(0), end_, wake);
  }

private:
  class reader final : public partition_reader {
  public:
    reader(std::unique_ptr<partition_reader> from, std::int64_t begin, std::shared_ptr<death> end, waker wake)
      : from_{std::move(from)}, begin_{begin}, end_{std::move(end)}, wake_{std::move(wake)} {}

    read_status read(batch_base& out, batch<dead_letter>& rejected) override {
      while (status_ != read_status::ended && (next_ == read_->size() || position_ < begin_)) {
        read_next(rejected);
        if (read_->empty())
          break;
      }
      if (next_ == read_->size() && status_ == read_status::ended)
        return status_;
      if (next_ < read_->size() && (!end_ || end_->may_read())) {
        batch<T>::of(out).push(read_->records()[next_], read_->timestamps()[next_]);
        ++next_;
        ++position_;
      }
      wake_(); // there is more, or the end
      return read_status::drained;
    }

    [[nodiscard]] std::int64_t position() const override { return position_; }
    void commit(std::int64_t, timestamp) override {}

  private:
    /// The next batch of the source, or what of this one is left behind `begin_`.
    void read_next(batch<dead_letter>& rejected) {
      if (next_ == read_->size()) {
        read_->clear();
        next_ = 0;
        status_ = from_->read(*read_, rejected);
      }
      for (; next_ < read_->size() && position_ < begin_; ++next_)
        ++position_;
    }

    const std::unique_ptr<partition_reader> from_;
    const std::int64_t begin_;
    const std::shared_ptr<death> end_;
    const waker wake_;
    boost::intrusive_ptr<batch<T>> read_ = batch<T>::fresh();
    std::size_t next_ = 0;
    std::int64_t position_ = 0;
    read_status status_ = read_status::more;
  };

  const std::shared_ptr<source> from_;
  const std::shared_ptr<death> end_;
};

/// Describes it to the typed API.
template <class Spec>
class one_at_a_time {
public:
  using record = typename Spec::record;

  /// @param end none: it reads to the end.
  explicit one_at_a_time(Spec spec, std::shared_ptr<death> end = {}) : spec_{std::move(spec)}, end_{std::move(end)} {}

  [[nodiscard]] std::string name() const { return spec_.name(); }
  [[nodiscard]] const watermark_rule& watermarks() const { return spec_.watermarks(); }
  [[nodiscard]] std::shared_ptr<source> make_source() const {
    return std::make_shared<one_at_a_time_source<record>>(spec_.make_source(), end_);
  }
  [[nodiscard]] std::shared_ptr<sink> make_dead_letters() const { return nullptr; }

private:
  Spec spec_;
  std::shared_ptr<death> end_;
};

} // namespace leat::testing
