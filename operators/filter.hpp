#pragma once

#include <leat/operators/step.hpp>

#include <functional>
#include <string_view>

namespace leat {

/// Passes on the records for which a predicate holds. A batch of its own is thinned out in place; one that others read
/// too is copied in part.
template <class T, class Predicate>
class filter_step final : public step {
public:
  filter_step(step_context context, Predicate predicate) : step{std::move(context)}, predicate_{std::move(predicate)} {}

  void on_batch(batch_ptr in) override {
    auto& records = batch<T>::of(*in);
    letters().on_records(records.size());
    if (letters().wanted()) {
      emit(copy_matching(records));
      emit_letters();
    } else if (in->unique()) {
      run_user_code([&] { records.retain_if([&](const T& r) { return static_cast<bool>(std::invoke(predicate_, r)); }); });
      emit(std::move(in));
    } else {
      emit(copy_matching(records));
    }
  }

  [[nodiscard]] bool emits_to(std::string_view) const override { return false; }
  [[nodiscard]] bool refuses() const override { return true; }

private:
  batch_ptr copy_matching(const batch<T>& in) {
    auto out = take<T>(*pool_);
    const auto records = in.records();
    for (std::size_t i = 0; i < records.size(); ++i)
      run_for(records[i], in.timestamps()[i], in.origin(i), [&] {
        if (!std::invoke(predicate_, records[i]))
          return;
        out->push(records[i], in.timestamps()[i], in.key_hashes()[i]);
        out->set_origin(out->size() - 1, in.origin(i));
      });
    return out;
  }

  Predicate predicate_;
  boost::intrusive_ptr<batch_pool> pool_ = make_pool<T>();
};

} // namespace leat
