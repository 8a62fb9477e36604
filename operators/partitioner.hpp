#pragma once

#include <leat/base/key_group.hpp>
#include <leat/base/key_hash.hpp>
#include <leat/base/user_code.hpp>
#include <leat/messages/batch.hpp>

#include <cassert>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace leat {

/// The open batches of a stage's output, one for each target actor, and what to do with those that are full.
class scatter_targets {
public:
  explicit scatter_targets(std::size_t targets) : open_(targets) {}
  virtual ~scatter_targets() = default;

  [[nodiscard]] std::size_t size() const noexcept { return open_.size(); }

  /// The batch that is being filled for `target`; null when there is none.
  [[nodiscard]] batch_ptr& open(std::size_t target) noexcept { return open_[target]; }

  /// Sends the open batch of `target` off, if there is one with records.
  void close(std::size_t target) {
    if (open_[target] && !open_[target]->empty())
      dispatch(target, std::move(open_[target]));
    open_[target].reset();
  }

protected:
  /// Takes a batch that is complete.
  virtual void dispatch(std::size_t target, batch_ptr full) = 0;

private:
  std::vector<batch_ptr> open_;
};

/// Decides to which target each record of a batch goes. One per sending actor.
class partitioner {
public:
  virtual ~partitioner() = default;

  /// Distributes the records of `in` to the open batches of `out`, in order, and closes those that are full.
  virtual void scatter(batch_ptr in, scatter_targets& out) = 0;
};

/// By key: every record goes to the shard that owns its key's group, its hash beside it.
template <class T, class KeyOf>
class key_partitioner final : public partitioner {
public:
  /// @param step the keyed step that the records go to: what a failing `key_of` is reported under.
  /// @param shards at least 1 and at most `max_parallelism`.
  key_partitioner(std::string step, KeyOf key_of, std::uint32_t shards, std::uint32_t max_parallelism)
    : step_{std::move(step)}, key_of_{std::move(key_of)}, max_parallelism_{max_parallelism} {
    for (std::uint32_t group = 0; group < max_parallelism; ++group)
      shard_of_group_.push_back(shard_of(group, shards, max_parallelism));
  }

  void scatter(batch_ptr in, scatter_targets& out) override {
    run_user_code(step_, "key_by", [&] {
      if (in->unique())
        distribute<true>(batch<T>::of(*in), out);
      else
        distribute<false>(batch<T>::of(*in), out);
    });
  }

private:
  template <bool Move>
  void distribute(batch<T>& in, scatter_targets& out) {
    open_.resize(out.size());
    for (std::size_t target = 0; target < out.size(); ++target)
      open_[target] = open(out, target);
    const auto records = in.records();
    const auto times = in.timestamps();
    for (std::size_t i = 0; i < records.size(); ++i) {
      const auto hash = key_hash(std::invoke(key_of_, std::as_const(records[i])));
      const auto target = shard_of_group_[key_group_of(hash, max_parallelism_)];
      auto* into = open_[target];
      if constexpr (Move)
        into->push(std::move(records[i]), times[i], hash);
      else
        into->push(std::as_const(records[i]), times[i], hash);
      into->set_origin(into->size() - 1, in.origin(i));
      if (into->full()) [[unlikely]] {
        out.close(target);
        open_[target] = open(out, target);
      }
    }
  }

  batch<T>* open(scatter_targets& out, std::size_t target) {
    auto& b = out.open(target);
    if (!b)
      b = take<T>(*pool_);
    return &batch<T>::of(*b);
  }

  const std::string step_;
  KeyOf key_of_;
  const std::uint32_t max_parallelism_;
  std::vector<std::uint32_t> shard_of_group_;
  std::vector<batch<T>*> open_; // scratch of distribute
  boost::intrusive_ptr<batch_pool> pool_ = make_pool<T>(2 * default_pool_size);
};

/// Straight on: everything one actor sends goes to one target, so that its order is kept. Large batches travel as they are,
/// small ones are gathered.
template <class T>
class forward_partitioner final : public partitioner {
public:
  /// @param instance which of its stage's actors the sender is.
  explicit forward_partitioner(std::uint32_t instance) : instance_{instance} {}

  void scatter(batch_ptr in, scatter_targets& out) override {
    const auto target = instance_ % out.size();
    auto& open = out.open(target);
    if (open && (!in->unique() || in->size() >= max_batch_records / 4 || !fits(*in, *open)))
      out.close(target);
    if (!open) {
      const bool appendable = in->unique();
      open = std::move(in);
      if (!appendable || open->full())
        out.close(target);
      return;
    }
    append(batch<T>::of(*in), batch<T>::of(*open));
    if (open->full())
      out.close(target);
  }

private:
  static bool fits(const batch_base& in, const batch_base& open) noexcept {
    return open.size() + in.size() <= max_batch_records && open.bytes() + in.bytes() <= max_batch_bytes;
  }

  static void append(batch<T>& from, batch<T>& to) {
    const auto records = from.records();
    for (std::size_t i = 0; i < records.size(); ++i) {
      to.push(std::move(records[i]), from.timestamps()[i], from.key_hashes()[i]);
      to.set_origin(to.size() - 1, from.origin(i));
    }
  }

  const std::uint32_t instance_;
};

} // namespace leat
