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
  void put(const state_entry& e) override { entries.push_back(saved_entry::of(e)); }

  std::vector<saved_entry> entries;
};

/// What all subtasks have in common, each has saved.
bool said_before(const saved_entry& a, const saved_entry& b) { return a.owner == state_owner::all && a == b; }

} // namespace

const std::string& uid_of(const step_plan& step) { return step.uid.empty() ? step.name : step.uid; }

const std::string& uid_of(const stage_plan& stage) {
  if (stage.kind == stage_kind::keyed || stage.kind == stage_kind::worker)
    return uid_of(stage.steps.front()); // it has the name of its first step
  return stage.uid.empty() ? stage.name : stage.uid;
}

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

void load_step(std::span<step* const> subtasks, std::uint32_t max_parallelism, const std::vector<saved_entry>& entries) {
  const auto parallelism = static_cast<std::uint32_t>(subtasks.size());
  std::size_t next = 0;
  for (const auto& e : entries) {
    const auto entry = e.view();
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
