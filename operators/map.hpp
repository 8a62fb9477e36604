#pragma once

#include <leat/operators/step.hpp>

#include <functional>
#include <string_view>
#include <type_traits>

namespace leat {

/// Turns each record into one of another type, with the same event time.
///
/// The function may take its record by const reference, by rvalue reference or by value: a record that nobody else reads is
/// handed over to be moved from.
///
/// What the function makes may be much heavier than what it took: a full batch is emitted before the next is begun, and when
/// the flow is blocked by then the step parks. Batches of small records of one size cannot get there, and are not checked.
template <class T, class U, class Function>
class map_step final : public step {
public:
  map_step(step_context context, Function function) : step{std::move(context)}, function_{std::move(function)} {}

  void on_batch(batch_ptr in) override {
    letters().on_records(in->size());
    in_ = std::move(in);
    next_ = 0;
    resume();
  }

  void resume() override {
    while (true) {
      auto out = map_some();
      const bool more = in_ != nullptr;
      emit(std::move(out));
      emit_letters();
      if (!more || blocked())
        return set_parked(more);
    }
  }

  [[nodiscard]] bool emits_to(std::string_view) const override { return false; }
  [[nodiscard]] bool refuses() const override { return true; }

private:
  /// The next batch of results. Lets go of the input with its last record: it is back in its pool before the chain runs on.
  batch_ptr map_some() {
    auto& records = batch<T>::of(*in_);
    auto out = take<U>(*pool_);
    const auto first = next_;
    if (letters().wanted())
      map_each(records, *out);
    else
      run_user_code([&, unique = in_->unique()] {
        auto i = next_;
        for (; i < records.size() && !full(*out); ++i)
          out->push(apply(records.records()[i], unique), records.timestamps()[i]);
        next_ = i;
        if (in_->has_origins())
          for (i = first; i < next_; ++i)
            out->set_origin(i - first, in_->origin(i));
      });
    if (next_ == records.size())
      in_.reset();
    return out;
  }

  /// One after the other, and none is moved from: of one that is refused, the letter shows what it was.
  void map_each(batch<T>& records, batch<U>& out) {
    for (; next_ < records.size() && !full(out); ++next_) {
      auto& record = records.records()[next_];
      const auto time = records.timestamps()[next_];
      run_for(std::as_const(record), time, records.origin(next_), [&] {
        out.push(apply(record, false), time);
        out.set_origin(out.size() - 1, records.origin(next_));
      });
    }
  }

  static bool full(const batch<U>& out) noexcept {
    if constexpr (bounded_by_count<U>)
      return false; // the input is not longer
    else
      return out.full();
  }

  U apply(T& record, bool unique) {
    if constexpr (std::is_invocable_v<Function&, const T&>) {
      if (!unique)
        return std::invoke(function_, std::as_const(record));
      return std::invoke(function_, std::move(record));
    } else {
      if (!unique)
        return std::invoke(function_, T{record});
      return std::invoke(function_, std::move(record));
    }
  }

  Function function_;
  batch_ptr in_;
  std::size_t next_ = 0;
  boost::intrusive_ptr<batch_pool> pool_ = make_pool<U>();
};

} // namespace leat
