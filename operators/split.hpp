#pragma once

#include <leat/operators/step.hpp>

#include <array>
#include <functional>
#include <string>
#include <tuple>
#include <utility>

namespace leat {

/// The name of a `split`'s branch, which is a side output: `split[1]` is the one with index 1 in what `.split(…)` returns.
inline std::string branch_name(std::size_t branch) { return "split[" + std::to_string(branch) + ']'; }

/// Sends each record to the branch of the first predicate that holds for it, or to the last branch when none does. Branch b
/// leaves at port b + 1.
template <class T, class... Predicates>
class split_step final : public step {
  static constexpr std::size_t branches = sizeof...(Predicates) + 1;

public:
  split_step(step_context context, std::tuple<Predicates...> predicates)
    : step{std::move(context)}, predicates_{std::move(predicates)} {}

  void on_batch(batch_ptr in) override {
    auto& from = batch<T>::of(*in);
    const bool unique = in->unique();
    std::array<boost::intrusive_ptr<batch<T>>, branches> out;
    run_user_code([&] {
      for (std::size_t i = 0; i < from.size(); ++i) {
        auto& record = from.records()[i];
        auto& to = out[branch_of(std::as_const(record), std::index_sequence_for<Predicates...>{})];
        if (!to)
          to = take<T>(*pool_);
        if (unique)
          to->push(std::move(record), from.timestamps()[i]);
        else
          to->push(std::as_const(record), from.timestamps()[i]);
        to->set_origin(to->size() - 1, from.origin(i));
      }
    });
    in.reset();
    for (std::size_t b = 0; b < branches; ++b)
      if (out[b])
        emit(std::move(out[b]), b + 1);
  }

private:
  template <std::size_t... I>
  std::size_t branch_of(const T& record, std::index_sequence<I...>) {
    std::size_t branch = branches - 1;
    (void)((std::invoke(std::get<I>(predicates_), record) && (branch = I, true)) || ...);
    return branch;
  }

  std::tuple<Predicates...> predicates_;
  boost::intrusive_ptr<batch_pool> pool_ = make_pool<T>(2 * default_pool_size);
};

} // namespace leat
