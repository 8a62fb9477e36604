#pragma once

#include <leat/operators/step.hpp>

#include <deque>
#include <functional>

namespace leat {

/// Takes what a user's function produces for one record; every output gets that record's event time.
template <class U>
class collector {
public:
  explicit collector(boost::intrusive_ptr<batch_pool> pool) : pool_{std::move(pool)} {}

  /// Emits one record.
  template <class V>
  void push(V&& record) {
    if (full_or_none())
      batches_.push_back(take<U>(*pool_));
    batches_.back()->push(std::forward<V>(record), time_);
  }

private:
  template <class, class, class>
  friend class flat_map_step;

  [[nodiscard]] bool full_or_none() const { return batches_.empty() || batches_.back()->full(); }

  boost::intrusive_ptr<batch_pool> pool_;
  std::deque<boost::intrusive_ptr<batch<U>>> batches_;
  timestamp time_{};
};

/// Turns each record into any number of records: calls `function(record, collector)`.
///
/// Parks between two input records when the flow is blocked, so what it holds back is at most a batch and what one record
/// has led to.
template <class T, class U, class Function>
class flat_map_step final : public step {
public:
  flat_map_step(step_context context, Function function)
    : step{std::move(context)}, function_{std::move(function)}, collector_{make_pool<U>()} {}

  void on_batch(batch_ptr in) override {
    in_ = std::move(in);
    next_ = 0;
    resume();
  }

  void resume() override {
    const auto& records = batch<T>::of(*in_);
    while (true) {
      const bool more = next_ < records.size();
      if (!emit_while_open(more ? 1 : 0) || (more && blocked()))
        return set_parked(true);
      if (!more)
        break;
      collector_.time_ = in_->timestamps()[next_];
      run_user_code([&] { std::invoke(function_, records.records()[next_], collector_); });
      ++next_;
    }
    in_.reset();
    set_parked(false);
  }

private:
  /// Emits all but `keep` batches; false when the flow closed before.
  bool emit_while_open(std::size_t keep) {
    auto& batches = collector_.batches_;
    while (batches.size() > keep) {
      if (blocked())
        return false;
      auto out = std::move(batches.front());
      batches.pop_front();
      emit(std::move(out));
    }
    return true;
  }

  Function function_;
  collector<U> collector_;
  batch_ptr in_;
  std::size_t next_ = 0;
};

} // namespace leat
