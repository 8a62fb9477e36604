#pragma once

#include <leat/base/key_hash.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

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
public:
  struct entry {
    Key first;
    mutable Value second{}; // not what the table goes by
  };

private:
  /// An entry of this hash of which something holds.
  template <class Predicate>
  struct wanted {
    std::uint64_t hash;
    const Predicate& holds;
  };

  struct hasher {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const entry& e) const { return key_hash(e.first); }
    std::size_t operator()(const hashed_key<Key>& k) const noexcept { return k.hash; }
    template <class Predicate>
    std::size_t operator()(const wanted<Predicate>& w) const noexcept {
      return w.hash;
    }
  };
  struct equal {
    using is_transparent = void;
    bool operator()(const entry& a, const entry& b) const { return a.first == b.first; }
    bool operator()(const entry& a, const hashed_key<Key>& b) const { return a.first == b.key; }
    bool operator()(const hashed_key<Key>& a, const entry& b) const { return a.key == b.first; }
    template <class Predicate>
    bool operator()(const entry& a, const wanted<Predicate>& b) const {
      return b.holds(a);
    }
    template <class Predicate>
    bool operator()(const wanted<Predicate>& a, const entry& b) const {
      return a.holds(b);
    }
  };
  using set = boost::unordered_flat_set<entry, hasher, equal>;

public:
  using const_iterator = typename set::const_iterator;

  /// The value of `k`, made by default when there is none.
  Value& operator[](const hashed_key<Key>& k) {
    const auto found = entries_.find(k);
    if (found != entries_.end()) [[likely]]
      return found->second;
    return entries_.insert(entry{k.key}).first->second;
  }

  /// The value of `k`; null when there is none. Valid until the table changes.
  [[nodiscard]] Value* find(const hashed_key<Key>& k) const {
    const auto found = entries_.find(k);
    return found == entries_.end() ? nullptr : &found->second;
  }

  /// An entry that lies where keys of this hash do, and of which `holds(entry)`; null when there is none.
  template <class Predicate>
  [[nodiscard]] const entry* find_if(std::uint64_t hash, const Predicate& holds) const {
    const auto found = entries_.find(wanted<Predicate>{hash, holds});
    return found == entries_.end() ? nullptr : &*found;
  }

  void erase(const hashed_key<Key>& k) {
    if (const auto found = entries_.find(k); found != entries_.end())
      entries_.erase(found);
  }

  /// Forgets the entries of which `gone(entry)` holds.
  template <class Predicate>
  void erase_if(const Predicate& gone) {
    boost::unordered::erase_if(entries_, gone);
  }

  [[nodiscard]] const_iterator begin() const noexcept { return entries_.begin(); }
  [[nodiscard]] const_iterator end() const noexcept { return entries_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

  /// Forgets everything and keeps the memory.
  void clear() { entries_.clear(); }

private:
  set entries_;
};

} // namespace leat
