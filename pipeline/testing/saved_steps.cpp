#include <leat/pipeline/testing/saved_steps.hpp>

#include <leat/base/error.hpp>
#include <leat/base/key_group.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace leat::testing {

namespace {

class entry_list final : public state_writer {
public:
  void put(const state_entry& e) override {
    entries.push_back({std::string{e.state}, std::string{e.key}, std::string{e.value}, e.owner, e.hash});
  }

  std::vector<saved_entry> entries;
};

/// Leaves one of those that all subtasks have in common.
void make_common_unique(std::vector<saved_entry>& sorted, const std::string& step) {
  const auto same = [&](const saved_entry& a, const saved_entry& b) {
    if (a.owner != state_owner::all || b.owner != state_owner::all || a.state != b.state || a.key != b.key)
      return false;
    if (a.value != b.value)
      throw state_error{fmt::format(
        "step '{}': its subtasks have different values of state \"{}\" under one key, which should be the same for all: "
        "change broadcast state by nothing but the broadcast records",
        step, a.state)};
    return true;
  };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());
}

} // namespace

const std::string& uid_of(const step_plan& step) { return step.uid.empty() ? step.name : step.uid; }
const std::string& uid_of(const stage_plan& source) { return source.uid.empty() ? source.name : source.uid; }

std::vector<saved_entry> save_step(std::span<step* const> subtasks) {
  entry_list saved;
  for (const auto* s : subtasks) {
    if (s->parked())
      throw pipeline_error{fmt::format(
        "step '{}' is in the middle of a batch, because calls to the outside have not ended: call settle() before "
        "snapshot()",
        s->context().name)};
    s->save(saved);
  }
  const auto order = [](const saved_entry& e) { return std::tie(e.state, e.key, e.value); };
  std::stable_sort(
    saved.entries.begin(), saved.entries.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
  if (!subtasks.empty())
    make_common_unique(saved.entries, subtasks.front()->context().name);
  return std::move(saved.entries);
}

void load_step(std::span<step* const> subtasks, std::uint32_t max_parallelism, const std::vector<saved_entry>& entries) {
  const auto parallelism = static_cast<std::uint32_t>(subtasks.size());
  std::size_t next = 0;
  for (const auto& e : entries) {
    const state_entry entry{e.state, e.key, e.value, e.owner, e.hash};
    switch (e.owner) {
    case state_owner::key:
      subtasks[shard_of(key_group_of(e.hash, max_parallelism), parallelism, max_parallelism)]->load(entry);
      break;
    case state_owner::all:
      for (auto* s : subtasks)
        s->load(entry);
      break;
    case state_owner::anyone:
      subtasks[next++ % parallelism]->load(entry);
      break;
    }
  }
}

} // namespace leat::testing
