#pragma once

#include <leat/operators/step.hpp>
#include <leat/tests/support/steps/saved_entries.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat::testing {

/// What a store of checkpoints has of one step that says in each what has changed.
class stored_changes {
public:
  /// One more checkpoint.
  void take(step& from) {
    changes said;
    const bool everything = from.save_changes(said) == saved::everything;
    std::erase_if(entries_, [&](const auto& e) { return everything || e.second.owner != state_owner::key; });
    puts_ = removals_ = 0;
    for (auto& [e, removed] : said.all) {
      const auto key = std::pair{e.state, e.key};
      if (e.owner == state_owner::key)
        ++(removed ? removals_ : puts_);
      if (removed)
        entries_.erase(key);
      else
        entries_.insert_or_assign(key, std::move(e));
    }
  }

  /// Of the last checkpoint: how many entries of keys it wrote, and how many it removed.
  [[nodiscard]] std::size_t puts() const noexcept { return puts_; }
  [[nodiscard]] std::size_t removals() const noexcept { return removals_; }

  /// The value of an entry; null when there is none.
  [[nodiscard]] const std::string* find(std::string_view state, std::string_view key) const {
    const auto found = entries_.find({std::string{state}, std::string{key}});
    return found == entries_.end() ? nullptr : &found->second.value;
  }

  /// All there is now.
  [[nodiscard]] saved_entries all() const {
    saved_entries found;
    for (const auto& [key, e] : entries_)
      found.put(e.view());
    return found;
  }

private:
  struct changes final : state_writer {
    void put(const state_entry& e) override { all.emplace_back(saved_entry::of(e), false); }
    void remove(const state_entry& key) override { all.emplace_back(saved_entry::of(key), true); }

    std::vector<std::pair<saved_entry, bool>> all; // removed
  };

  std::map<std::pair<std::string, std::string>, saved_entry> entries_; // by state and key
  std::size_t puts_ = 0;
  std::size_t removals_ = 0;
};

/// What a step saves of all that it keeps.
inline saved_entries saved_by(const step& from) {
  saved_entries all;
  from.save(all);
  return all;
}

} // namespace leat::testing
