#include <leat/actors/recovery/entry_loader.hpp>

#include <leat/base/key_group.hpp>
#include <leat/messages/delta.hpp>
#include <leat/operators/step.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace leat {

namespace {

constexpr std::size_t batch_bytes = 256 * 1024;
constexpr std::size_t item_bytes = 64; // beside those of the entry

} // namespace

entry_loader::entry_loader(std::size_t threads) : threads_{std::max<std::size_t>(threads, 1)}, open_(threads_) {}

entry_loader::~entry_loader() = default;

void entry_loader::load(
  std::span<step* const> subtasks, const state_entry& entry, std::uint16_t group, std::uint32_t max_parallelism,
  bool may_stay, std::size_t& turn) {
  const auto parallelism = static_cast<std::uint32_t>(subtasks.size());
  switch (owner_of(group)) {
  case state_owner::key: {
    const auto subtask = shard_of(group, parallelism, max_parallelism);
    return add(subtask, *subtasks[subtask], entry, may_stay);
  }
  case state_owner::all:
    for (std::size_t i = 0; i < subtasks.size(); ++i)
      add(i, *subtasks[i], entry, false);
    return;
  case state_owner::anyone: {
    const auto subtask = turn++ % parallelism;
    return add(subtask, *subtasks[subtask], entry, false);
  }
  }
}

void entry_loader::add(std::size_t subtask, step& to, const state_entry& e, bool may_stay) {
  const auto lane = subtask % threads_;
  auto& open = open_[lane];
  open.list.push_back({&to, e.state.size(), e.key.size(), e.value.size(), e.owner, e.hash, may_stay});
  open.bytes.append(e.state).append(e.key).append(e.value);
  if (open.bytes.size() + open.list.size() * item_bytes < batch_bytes)
    return;
  if (!lanes_)
    lanes_ = std::make_unique<batch_lanes<entries>>(threads_, [](const entries& all) { load(all); });
  lanes_->push(lane, std::exchange(open, {}));
}

void entry_loader::finish() {
  if (lanes_)
    lanes_->finish();
  for (auto& rest : open_)
    load(std::exchange(rest, {}));
}

void entry_loader::load(const entries& all) {
  std::string_view rest{all.bytes};
  const auto next = [&rest](std::size_t size) {
    const auto part = rest.substr(0, size);
    rest.remove_prefix(size);
    return part;
  };
  for (const auto& [to, state, key, value, owner, hash, may_stay] : all.list) {
    state_entry entry;
    entry.state = next(state);
    entry.key = next(key);
    entry.value = next(value);
    entry.owner = owner;
    entry.hash = hash;
    if (!may_stay || !to->leave_stored(entry))
      to->load(entry);
  }
}

} // namespace leat
