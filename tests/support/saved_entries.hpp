#pragma once

#include <leat/messages/saved_state.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace leat::testing {

/// What a step has saved, kept in memory.
class saved_entries final : public state_writer {
public:
  void put(const state_entry& e) override {
    entries_.push_back({std::string{e.state}, std::string{e.key}, std::string{e.value}, e.owner, e.hash});
  }

  /// Gives every entry to `load`, in the order that `step::load` is promised.
  template <class Load>
  void load_into(Load&& load) {
    std::sort(entries_.begin(), entries_.end());
    for (const auto& e : entries_)
      load(state_entry{e.state, e.key, e.value, e.owner, e.hash});
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  /// Whether the same is saved, in whatever order it came.
  friend bool operator==(saved_entries a, saved_entries b) {
    std::sort(a.entries_.begin(), a.entries_.end());
    std::sort(b.entries_.begin(), b.entries_.end());
    return a.entries_ == b.entries_;
  }

private:
  struct entry {
    std::string state, key, value;
    state_owner owner;
    std::uint64_t hash;
    friend auto operator<=>(const entry&, const entry&) = default;
  };

  std::vector<entry> entries_;
};

} // namespace leat::testing
