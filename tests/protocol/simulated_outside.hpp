#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// A result: of a key, how many of its records were counted when it came about.
using counted_row = std::pair<std::int32_t, std::int32_t>;

/// What exactly-once sinks write to, as Kafka does it: by shard an owner, who alone may write, and a marker that is set together
/// with the rows of a transaction. What was sent arrives later, in the order of its shard, even when its sender is dead;
/// what an owner sent that was shut out is refused.
class simulated_outside {
public:
  struct transaction {
    std::uint32_t shard = 0;
    int owner = 0;
    std::uint64_t mark = 0;
    std::vector<counted_row> rows;
    std::uint64_t sender = 0; ///< who wants to hear of it
  };

  /// Shuts out whoever owned the shard. @returns the new owner.
  int take_over(std::uint32_t shard) { return ++shards_[shard].owner; }

  [[nodiscard]] std::optional<std::uint64_t> marker(std::uint32_t shard) const {
    const auto found = shards_.find(shard);
    return found == shards_.end() ? std::nullopt : found->second.marker;
  }

  void send(transaction t) { sent_.push_back(std::move(t)); }
  [[nodiscard]] std::size_t under_way() const noexcept { return sent_.size(); }

  /// Takes the one out that was sent first to some shard: it is lost on its way.
  transaction lose(std::size_t which) {
    const auto first = std::ranges::find(sent_, sent_[which % sent_.size()].shard, &transaction::shard);
    auto t = std::move(*first);
    sent_.erase(first);
    return t;
  }

  /// Lets it arrive instead. @returns it, and whether it was refused.
  std::pair<transaction, bool> arrive(std::size_t which) {
    auto t = lose(which);
    auto& s = shards_[t.shard];
    if (s.owner != t.owner)
      return {std::move(t), true};
    for (const auto& row : t.rows)
      ++rows_[row];
    s.marker = t.mark;
    return {std::move(t), false};
  }

  /// What every reader sees, and how often.
  [[nodiscard]] const std::map<counted_row, int>& rows() const noexcept { return rows_; }

private:
  struct shard_state {
    int owner = 0;
    std::optional<std::uint64_t> marker;
  };

  std::map<std::uint32_t, shard_state> shards_;
  std::deque<transaction> sent_;
  std::map<counted_row, int> rows_;
};

} // namespace leat::testing
