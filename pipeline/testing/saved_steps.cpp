#include <leat/pipeline/testing/saved_steps.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace leat::testing {

namespace {

class entry_list final : public state_writer {
public:
  void put(const state_entry& e) override { entries.push_back(saved_entry::of(e)); }
  void remove(const state_entry& key) override {
    std::erase_if(entries, [&](const saved_entry& e) { return e.state == key.state && e.key == key.key; });
  }

  std::vector<saved_entry> entries;
};

/// What all subtasks have in common, each has saved.
bool said_before(const saved_entry& a, const saved_entry& b) { return a.owner == state_owner::all && a == b; }

} // namespace

std::vector<saved_entry> save_step(std::span<step* const> subtasks) {
  entry_list saved;
  for (const auto* s : subtasks) {
    if (s->parked())
      throw pipeline_error{fmt::format(
        "step '{}' is in the middle of a batch, because calls to the outside have not ended: call settle() before "
        "snapshot(), and advance(…) where they are to be made again",
        s->context().name)};
    s->save(saved);
  }
  const auto order = [](const saved_entry& e) { return std::tie(e.state, e.key, e.value); };
  std::stable_sort(
    saved.entries.begin(), saved.entries.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
  saved.entries.erase(std::unique(saved.entries.begin(), saved.entries.end(), said_before), saved.entries.end());
  return std::move(saved.entries);
}

} // namespace leat::testing
