#pragma once

#include <leat/operators/step.hpp>

#include <functional>
#include <type_traits>

namespace leat {

/// Turns each record into one of another type, with the same event time.
///
/// The function may take its record by const reference, by rvalue reference or by value: a record that nobody else reads is
/// handed over to be moved from.
template <class T, class U, class Function>
class map_step final : public step {
public:
  map_step(step_context context, Function function) : step{std::move(context)}, function_{std::move(function)} {}

  void on_batch(batch_ptr in) override {
    auto& records = batch<T>::of(*in);
    auto out = take<U>(*pool_);
    const bool unique = in->unique();
    run_user_code([&] {
      for (std::size_t i = 0; i < records.size(); ++i)
        out->push(apply(records.records()[i], unique), in->timestamps()[i]);
    });
    in.reset(); // back to its pool before the rest of the chain runs
    emit(std::move(out));
  }

private:
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
  boost::intrusive_ptr<batch_pool> pool_ = make_pool<U>();
};

} // namespace leat
