#pragma once

#include <leat/base/key_group.hpp>
#include <leat/messages/saved_state.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace leat::testing {

/// What a step has saved, and what of it each of several actors gets.
class saved_entries final : public state_writer {
public:
  void put(const state_entry& e) override { entries_.push_back(entry::of(e)); }
  void remove(const state_entry& key) override {
    std::erase_if(entries_, [&](const entry& e) { return e.state == key.state && e.key == key.key; });
  }

  /// Gives every entry to `load`, in the order that `step::load` is promised.
  template <class Load>
  void load_into(Load&& load) {
    std::sort(entries_.begin(), entries_.end());
    for (const auto& e : entries_)
      load(e.view());
  }

  /// The entries that one of `actors` gets: those of its keys, what all get, and the first the rest.
  [[nodiscard]] saved_entries of_actor(std::uint32_t actor, std::uint32_t actors) const {
    saved_entries mine;
    for (const auto& e : entries_)
      if (
        e.owner == state_owner::all || (e.owner == state_owner::anyone && actor == 0) ||
        (e.owner == state_owner::key &&
         shard_of(key_group_of(e.hash, default_max_parallelism), actors, default_max_parallelism) == actor))
        mine.entries_.push_back(e);
    return mine;
  }

  /// Adds what another actor has saved; what all have in common is there once.
  void merge(const saved_entries& other) {
    for (const auto& e : other.entries_)
      if (e.owner != state_owner::all || std::find(entries_.begin(), entries_.end(), e) == entries_.end())
        entries_.push_back(e);
  }

  /// The hashes of keys that entries are filed under.
  [[nodiscard]] std::set<std::uint64_t> hashes() const {
    std::set<std::uint64_t> all;
    for (const auto& e : entries_)
      if (e.owner == state_owner::key)
        all.insert(e.hash);
    return all;
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  /// How many entries there are of one state.
  [[nodiscard]] std::ptrdiff_t of_state(std::string_view state) const {
    return std::count_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.state == state; });
  }

  /// Whether the same is saved, in whatever order it came.
  friend bool operator==(saved_entries a, saved_entries b) {
    std::sort(a.entries_.begin(), a.entries_.end());
    std::sort(b.entries_.begin(), b.entries_.end());
    return a.entries_ == b.entries_;
  }

private:
  using entry = saved_entry;

  std::vector<entry> entries_;
};

} // namespace leat::testing
