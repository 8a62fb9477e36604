#pragma once

#include <leat/base/encoding.hpp>
#include <leat/operators/step.hpp>
#include <leat/operators/watermark_generator.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace leat {

/// Gives records new event times, and the stream new watermarks: what came in of both ends here. One for each actor, so its
/// watermark is that of the records of one partition, or of whatever comes to the actor. After Flink's
/// `TimestampsAndWatermarksOperator`.
///
/// The watermark of the stream that comes in says when to say the own one, and so do 8,192 records without, and 200 ms; only
/// the last of all, +inf, counts itself. An input that is idle is idle behind the step too.
template <class T, class TimeOf>
class event_time_step final : public step {
public:
  event_time_step(step_context context, TimeOf time_of, std::unique_ptr<watermark_strategy> strategy)
    : step{std::move(context)}, time_of_{std::move(time_of)}, generator_{std::move(strategy)} {}

  void on_batch(batch_ptr in) override {
    if (idle_)
      say_watermark(); // every receiver waits for this stream again before it sees a record
    auto timed = own(in);
    in.reset();
    run_user_code([&] {
      const auto records = std::as_const(*timed).records();
      const auto times = timed->timestamps();
      for (std::size_t i = 0; i < records.size(); ++i)
        times[i] = std::invoke(time_of_, records[i]);
      generator_.on_times(times);
    });
    unsaid_ += timed->size();
    if (say_at_ == max_timestamp && risen())
      say_at_ = context().clock->now() + patience;
    emit(std::move(timed));
    if (unsaid_ >= records_between)
      resume();
  }

  void on_signal(const signal& s) override {
    switch (s.kind) {
    case signal_kind::watermark:
      ended_ = ended_ || s.time == max_timestamp;
      if (idle_ || risen())
        say_watermark();
      break;
    case signal_kind::barrier: // nothing before this step waits for event time
      emit(signal::barrier(s.epoch));
      break;
    case signal_kind::idle:
      if (risen())
        say_watermark();
      idle_ = true;
      emit(s);
      break;
    case signal_kind::end:
      emit(s);
      break;
    }
  }

  void resume() override {
    set_parked(blocked());
    if (!parked() && risen())
      say_watermark();
  }

  [[nodiscard]] timestamp next_processing_time() const override { return say_at_; }
  void on_processing_time() override { resume(); }

  /// What came before is of another time.
  [[nodiscard]] timestamp needs_after(timestamp) const override { return min_timestamp; }

  /// Actors may differ in the times: the least of all counts.
  void save(state_writer& to) const override {
    if (watermark_now() != min_timestamp)
      to.put({"leat.watermark", encoded(watermark_now()), {}, state_owner::all});
    if (said_ != min_timestamp)
      to.put({"leat.said", encoded(said_), {}, state_owner::all});
  }
  [[nodiscard]] std::vector<std::string> state_names() const override { return {"leat.watermark", "leat.said"}; }
  void load(const state_entry& entry) override {
    if (entry.state == "leat.watermark")
      take_least(loaded_, decoded<timestamp>(entry.key));
    else if (entry.state == "leat.said")
      take_least(said_, decoded<timestamp>(entry.key));
    else
      throw unknown_state(entry);
  }

private:
  static constexpr std::size_t records_between = 8 * max_batch_records;
  static constexpr duration patience{200};

  /// The batch, or a copy of one that others read too.
  boost::intrusive_ptr<batch<T>> own(const batch_ptr& in) {
    if (in->unique())
      return boost::intrusive_ptr<batch<T>>{&batch<T>::of(*in)};
    auto copy = take<T>(*pool_);
    const auto records = std::as_const(batch<T>::of(*in)).records();
    for (const auto& r : records)
      copy->push(r, timestamp{});
    return copy;
  }

  [[nodiscard]] timestamp watermark_now() const noexcept {
    return ended_ ? max_timestamp : std::max(loaded_, generator_.watermark());
  }
  [[nodiscard]] bool risen() const noexcept { return watermark_now() > said_; }

  void say_watermark() {
    unsaid_ = 0;
    say_at_ = max_timestamp;
    idle_ = false;
    said_ = std::max(said_, watermark_now());
    emit(signal::watermark(said_));
  }

  static void take_least(timestamp& so_far, timestamp saved) noexcept {
    so_far = so_far == min_timestamp ? saved : std::min(so_far, saved);
  }

  TimeOf time_of_;
  watermark_generator generator_;
  boost::intrusive_ptr<batch_pool> pool_ = make_pool<T>();
  timestamp loaded_ = min_timestamp; // the watermark that was saved
  timestamp said_ = min_timestamp;
  timestamp say_at_ = max_timestamp; // by processing time, if nothing leads to it before
  std::size_t unsaid_ = 0;           // records since a watermark was said
  bool idle_ = false;
  bool ended_ = false; // the stream that comes in is complete
};

} // namespace leat
