#pragma once

#include <leat/base/described_struct.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

/// Operators once more, in the plainest form there is: each keeps a list of what came and looks through all of it whenever
/// anything happens. Nothing here shares a line with the engine. Times are milliseconds.
namespace leat::reference {

/// What all streams of the random pipelines carry.
struct fact {
  std::int64_t key = 0;
  std::int64_t value = 0;

  friend auto operator<=>(const fact&, const fact&) = default;
};
BOOST_DESCRIBE_STRUCT(fact, (), (key, value))

/// Before and after all times of a test.
inline constexpr std::int64_t beginning = -1'000'000'000'000;
inline constexpr std::int64_t end_of_time = 1'000'000'000'000;

/// A fact with its event time.
struct timed_fact {
  fact what;
  std::int64_t time = 0;

  friend auto operator<=>(const timed_fact&, const timed_fact&) = default;
};

/// What travels: a record, a watermark, or the word that nothing is to be expected for now.
struct item {
  enum class kind { record, watermark, idle } is = kind::record;
  fact what{};
  std::int64_t time = 0;   // of the record; the watermark
  std::size_t channel = 0; // who says it: a partition, or an operator
};

/// Processing time. What happens does so at odd times, what waits for a time waits for an even one: so nothing comes due
/// amid what happens.
struct model_clock {
  std::int64_t now = 1;
};

/// A part of a pipeline: takes items and hands others on.
class node {
public:
  node() = default;
  node(const node&) = delete;
  node& operator=(const node&) = delete;
  virtual ~node() = default;

  virtual void take(std::size_t input, const item& i) = 0;

  /// When processing time should be told next.
  [[nodiscard]] virtual std::int64_t wakes_at() const { return end_of_time; }
  virtual void on_processing_time() {}

  void feed(node& next, std::size_t input) { next_.emplace_back(&next, input); }

protected:
  void emit(const item& i) {
    for (const auto& [to, input] : next_)
      to->take(input, i);
  }

private:
  std::vector<std::pair<node*, std::size_t>> next_;
};

/// A partition of a source. One that was idle says its watermark before it says anything else.
class partition_node final : public node {
public:
  explicit partition_node(std::size_t channel) : channel_{channel} {}

  void record(const fact& f, std::int64_t time) {
    wake();
    emit({item::kind::record, f, time, channel_});
  }
  void watermark(std::int64_t time) {
    idle_ = false;
    watermark_ = std::max(watermark_, time);
    emit({item::kind::watermark, {}, watermark_, channel_});
  }
  void idle() {
    if (!std::exchange(idle_, true))
      emit({item::kind::idle, {}, 0, channel_});
  }
  void take(std::size_t, const item&) override {}

private:
  void wake() {
    if (idle_)
      watermark(watermark_);
  }

  const std::size_t channel_;
  std::int64_t watermark_ = beginning;
  bool idle_ = false;
};

/// Makes any number of facts of each.
class stateless_node final : public node {
public:
  explicit stateless_node(std::function<std::vector<fact>(const fact&)> function) : function_{std::move(function)} {}

  void take(std::size_t, const item& i) override {
    if (i.is != item::kind::record)
      return emit(i);
    for (const auto& f : function_(i.what))
      emit({item::kind::record, f, i.time, i.channel});
  }

private:
  std::function<std::vector<fact>(const fact&)> function_;
};

/// Has a watermark of its own: the least of its inputs that are not idle. When all are, or have come to their end, it is the
/// newest of those that have not. It never goes back.
class operator_node : public node {
public:
  /// @param channel its own. @param inputs the channels that it hears.
  operator_node(std::size_t channel, const std::vector<std::size_t>& inputs) : channel_{channel} {
    for (const auto c : inputs)
      heard_[c];
  }

  void take(std::size_t input, const item& i) final {
    auto& from = heard_.at(i.channel);
    switch (i.is) {
    case item::kind::record:
      return on_record(input, i.what, i.time);
    case item::kind::watermark:
      from = {std::max(from.watermark, i.time), false};
      break;
    case item::kind::idle:
      from.idle = true;
    }
    advance();
  }

  [[nodiscard]] std::int64_t watermark() const noexcept { return watermark_; }

protected:
  virtual void on_record(std::size_t input, const fact& f, std::int64_t time) = 0;

  /// The watermark goes from `watermark()` to `to`.
  virtual void on_watermark(std::int64_t) {}

  void emit_row(const fact& f, std::int64_t time) { emit({item::kind::record, f, time, channel_}); }

private:
  struct input_state {
    std::int64_t watermark = beginning;
    bool idle = false;
  };

  void advance() {
    auto least = end_of_time;
    auto newest = beginning; // of those that have not come to their end
    bool all_idle = true;    // of those
    bool all_ended = true;
    for (const auto& [channel, in] : heard_) {
      if (in.watermark == end_of_time)
        continue;
      all_ended = false;
      all_idle = all_idle && in.idle;
      newest = std::max(newest, in.watermark);
      if (!in.idle)
        least = std::min(least, in.watermark);
    }
    all_idle = all_idle && !all_ended;
    const auto to = std::max(watermark_, all_idle ? newest : least);
    if (to > watermark_ || (said_idle_ && !all_idle)) {
      if (to > watermark_)
        on_watermark(to);
      watermark_ = to;
      said_idle_ = false;
      emit({item::kind::watermark, {}, to, channel_});
    }
    if (all_idle && !std::exchange(said_idle_, true))
      emit({item::kind::idle, {}, 0, channel_});
  }

  const std::size_t channel_;
  std::map<std::size_t, input_state> heard_;
  std::int64_t watermark_ = beginning;
  bool said_idle_ = false;
};

/// Passes on what it hears in one stream: what a step behind a merge does, which runs in actors of its own.
class merge_node final : public operator_node {
public:
  using operator_node::operator_node;

private:
  void on_record(std::size_t, const fact& f, std::int64_t time) override { emit_row(f, time); }
};

/// The end of a pipeline.
class sink_node final : public operator_node {
public:
  using operator_node::operator_node;

  /// What has come since the last call, in the order of keys, values and times.
  std::vector<timed_fact> take_all() {
    std::sort(rows_.begin(), rows_.end());
    return std::exchange(rows_, {});
  }

private:
  void on_record(std::size_t, const fact& f, std::int64_t time) override { rows_.push_back({f, time}); }

  std::vector<timed_fact> rows_;
};

} // namespace leat::reference
