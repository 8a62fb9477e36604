#pragma once

#include <leat/base/key_hash.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>

namespace leat {

/// A key together with its hash, which travelled beside the record from the channel: nothing hashes a key twice.
template <class Key>
struct hashed_key {
  const Key& key;
  std::uint64_t hash;
};

/// A hash table from keys to values, looked up by `hashed_key`.
template <class Key, class Value>
class key_table {
  struct hasher {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const Key& k) const { return key_hash(k); }
    std::size_t operator()(const hashed_key<Key>& k) const noexcept { return k.hash; }
  };
  struct equal {
    using is_transparent = void;
    bool operator()(const Key& a, const Key& b) const { return a == b; }
    bool operator()(const Key& a, const hashed_key<Key>& b) const { return a == b.key; }
    bool operator()(const hashed_key<Key>& a, const Key& b) const { return a.key == b; }
  };
  using map = boost::unordered_flat_map<Key, Value, hasher, equal>;

public:
  using const_iterator = typename map::const_iterator;

  /// The value of `k`, made by default when there is none.
  Value& operator[](const hashed_key<Key>& k) {
    const auto found = map_.find(k);
    if (found != map_.end()) [[likely]]
      return found->second;
    return map_.try_emplace(k.key).first->second;
  }

  /// The value of `k`; null when there is none. Valid until the table changes.
  [[nodiscard]] Value* find(const hashed_key<Key>& k) {
    const auto found = map_.find(k);
    return found == map_.end() ? nullptr : &found->second;
  }

  void erase(const hashed_key<Key>& k) {
    if (const auto found = map_.find(k); found != map_.end())
      map_.erase(found);
  }

  [[nodiscard]] const_iterator begin() const noexcept { return map_.begin(); }
  [[nodiscard]] const_iterator end() const noexcept { return map_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return map_.size(); }
  [[nodiscard]] bool empty() const noexcept { return map_.empty(); }

  /// Forgets everything and keeps the memory.
  void clear() { map_.clear(); }

private:
  map map_;
};

} // namespace leat
