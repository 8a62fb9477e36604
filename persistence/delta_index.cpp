#include <leat/persistence/delta_index.hpp>

#include <leat/persistence/lmdb/lmdb_environment.hpp>

namespace leat {

delta_index::delta_index(const lmdb_transaction& txn) {
  lmdb_cursor at{txn, txn.environment().deltas()};
  for (bool found = at.first(); found; found = at.next())
    add(decoded_delta_key(at.key()), at.value().size());
}

void delta_index::add(const delta_key& key, std::uint64_t bytes) {
  groups_[{key.step, key.group}].push_back({key.checkpoint, key.part, bytes});
  ++count_;
  if (has_keys(key.group))
    bytes_of_keys_ += bytes;
}

void delta_index::remove_oldest(group_id group, std::size_t count) {
  const auto found = groups_.find(group);
  auto& refs = found->second;
  for (std::size_t i = 0; i < count && has_keys(group.second); ++i)
    bytes_of_keys_ -= refs[i].bytes;
  count_ -= count;
  refs.erase(refs.begin(), refs.begin() + static_cast<std::ptrdiff_t>(count));
  if (refs.empty())
    groups_.erase(found);
}

void delta_index::remove_step(std::uint32_t step) {
  for (auto at = groups_.lower_bound({step, 0}); at != groups_.end() && at->first.first == step; at = groups_.erase(at)) {
    count_ -= at->second.size();
    for (const auto& ref : at->second)
      if (has_keys(at->first.second))
        bytes_of_keys_ -= ref.bytes;
  }
}

const std::vector<delta_ref>& delta_index::of(group_id group) const {
  static const std::vector<delta_ref> none;
  const auto found = groups_.find(group);
  return found == groups_.end() ? none : found->second;
}

} // namespace leat
