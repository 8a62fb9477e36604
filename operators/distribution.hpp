#pragma once

#include <leat/operators/partitioner.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace leat {

/// In turn: every target gets as many records as the others, whatever they are.
template <class T>
class rebalance_partitioner final : public partitioner {
public:
  /// @param instance which of its stage's actors the sender is: senders do not all begin with the same target.
  explicit rebalance_partitioner(std::uint32_t instance) : next_{instance} {}

  void scatter(batch_ptr in, scatter_targets& out) override {
    auto& from = batch<T>::of(*in);
    const bool unique = in->unique();
    const auto records = from.records();
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto target = next_++ % out.size();
      auto& open = out.open(target);
      if (!open)
        open = take<T>(*pool_);
      auto& to = batch<T>::of(*open);
      if (unique)
        to.push(std::move(records[i]), from.timestamps()[i], from.key_hashes()[i]);
      else
        to.push(std::as_const(records[i]), from.timestamps()[i], from.key_hashes()[i]);
      if (to.full())
        out.close(target);
    }
  }

private:
  std::size_t next_;
  boost::intrusive_ptr<batch_pool> pool_ = make_pool<T>(2 * default_pool_size);
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
