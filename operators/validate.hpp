#pragma once

#include <leat/operators/step.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// What a function has against a record: one reason or several, each for a person.
class objections {
public:
  void add(std::string reason) { reasons_.push_back(std::move(reason)); }
  [[nodiscard]] bool empty() const noexcept { return reasons_.empty(); }

  /// "amount is negative; currency is missing"; nothing is left here.
  [[nodiscard]] std::string take() {
    std::string all;
    for (const auto& reason : reasons_)
      all.append(all.empty() ? "" : "; ").append(reason);
    reasons_.clear();
    return all;
  }

private:
  std::vector<std::string> reasons_;
};

/// Passes on the records that a function has nothing against; the others are refused: `function(record, objections)`. Thins
/// out in place what nobody else reads.
template <class T, class Function>
class validate_step final : public step {
public:
  validate_step(step_context context, Function function) : step{std::move(context)}, function_{std::move(function)} {}

  void on_batch(batch_ptr in) override {
    auto& records = batch<T>::of(*in);
    letters().on_records(records.size());
    if (in->unique()) {
      records.retain_if([this, i = std::size_t{0}, &records](const T& r) mutable {
        const auto at = i++;
        return accepts(r, records.timestamps()[at], records.origin(at));
      });
      emit(std::move(in));
    } else {
      emit(copy_accepted(records));
    }
    emit_letters();
  }

  [[nodiscard]] bool emits_to(std::string_view) const override { return false; }
  [[nodiscard]] bool refuses() const override { return true; }

private:
  bool accepts(const T& record, timestamp time, const origin& from) {
    const bool judged = run_for(record, time, from, [&] { std::invoke(function_, record, objections_); });
    if (objections_.empty())
      return judged;
    auto why = objections_.take();
    if (judged)
      refuse(std::move(why), record, time, from);
    return false;
  }

  batch_ptr copy_accepted(const batch<T>& in) {
    auto out = take<T>(*pool_);
    for (std::size_t i = 0; i < in.size(); ++i)
      if (const auto& record = in.records()[i]; accepts(record, in.timestamps()[i], in.origin(i))) {
        out->push(record, in.timestamps()[i], in.key_hashes()[i]);
        out->set_origin(out->size() - 1, in.origin(i));
      }
    return out;
  }

  Function function_;
  objections objections_; // of the present record
  boost::intrusive_ptr<batch_pool> pool_ = make_pool<T>();
};

} // namespace leat
