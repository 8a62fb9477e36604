#pragma once

#include <leat/operators/partitioner.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace leat {

/// Deals out the records of batches of `T` one by one.
template <class T>
class record_dealer {
public:
  /// Gives each record of `in` to the open batch of the target that `choose(record)` says.
  template <class Choose>
  void deal(const batch_ptr& in, scatter_targets& out, Choose&& choose) {
    auto& from = batch<T>::of(*in);
    const bool unique = in->unique();
    const auto records = from.records();
    for (std::size_t i = 0; i < records.size(); ++i) {
      const std::size_t target = choose(std::as_const(records[i]));
      auto& open = out.open(target);
      if (!open)
        open = take<T>(*pool_);
      auto& to = batch<T>::of(*open);
      if (unique)
        to.push(std::move(records[i]), from.timestamps()[i], from.key_hashes()[i]);
      else
        to.push(std::as_const(records[i]), from.timestamps()[i], from.key_hashes()[i]);
      to.set_origin(to.size() - 1, from.origin(i));
      if (to.full())
        out.close(target);
    }
  }

private:
  boost::intrusive_ptr<batch_pool> pool_ = make_pool<T>(2 * default_pool_size);
};

/// In turn: every target gets as many records as the others, whatever they are.
template <class T>
class rebalance_partitioner final : public partitioner {
public:
  /// @param instance which of its stage's actors the sender is: senders do not all begin with the same target.
  explicit rebalance_partitioner(std::uint32_t instance) : next_{instance} {}

  void scatter(batch_ptr in, scatter_targets& out) override {
    dealer_.deal(in, out, [&](const T&) { return next_++ % out.size(); });
  }

private:
  std::size_t next_;
  record_dealer<T> dealer_;
};

/// As a user's function says: `target_of(record, targets)` is the number of its target, from 0.
template <class T, class TargetOf>
class custom_partitioner final : public partitioner {
public:
  /// @param step that the records go to: what a failing function is reported under.
  custom_partitioner(std::string step, TargetOf target_of) : step_{std::move(step)}, target_of_{std::move(target_of)} {}

  /// @throws step_error for a target that there is not.
  void scatter(batch_ptr in, scatter_targets& out) override {
    run_user_code(step_, "partition_custom", [&] {
      dealer_.deal(in, out, [&](const T& record) {
        const std::size_t target = std::invoke(target_of_, record, out.size());
        if (target >= out.size())
          throw std::out_of_range{
            "a record was to go to actor " + std::to_string(target) + " of " + std::to_string(out.size()) +
            ", which are counted from 0"};
        return target;
      });
    });
  }

private:
  const std::string step_;
  TargetOf target_of_;
  record_dealer<T> dealer_;
};

/// To all: every target gets every record; the batches are shared, not copied.
class broadcast_partitioner final : public partitioner {
public:
  void scatter(batch_ptr in, scatter_targets& out) override {
    for (std::size_t target = 0; target < out.size(); ++target) {
      out.open(target) = in;
      out.close(target);
    }
  }
};

/// How a stream's records find the actors of the next stage, when no key decides it.
enum class distribution {
  forward,   ///< all that one actor sends goes to one: its order is kept
  rebalance, ///< in turn
  broadcast, ///< each to all
};

/// @param instance see `rebalance_partitioner`.
template <class T>
std::unique_ptr<partitioner> make_distributor(distribution how, std::uint32_t instance) {
  switch (how) {
  case distribution::rebalance:
    return std::make_unique<rebalance_partitioner<T>>(instance);
  case distribution::broadcast:
    return std::make_unique<broadcast_partitioner>();
  case distribution::forward:
    break;
  }
  return std::make_unique<forward_partitioner<T>>(instance);
}

} // namespace leat
