#include <leat/actors/epochs/state_snapshot.hpp>

#include <leat/base/encoding.hpp>
#include <leat/base/key_group.hpp>

#include <map>
#include <utility>

namespace leat {

namespace {

/// Divides what a step saves into its groups.
class grouped_entries final : public state_writer {
public:
  grouped_entries(const std::string& uid, std::uint32_t max_parallelism) : uid_{uid}, max_parallelism_{max_parallelism} {}

  void put(const state_entry& e) override { deltas_of(e).put(e); }
  void remove(const state_entry& key) override { deltas_of(key).remove(key); }

  /// Hands over what was written.
  /// @param replaces of a group, whether that is all there is in it.
  /// @param groups that the store may have entries in, before; and after that.
  template <class Replaces>
  void finish(const Replaces& replaces, std::set<std::uint16_t>& groups, actor_state& to) {
    for (const auto g : groups)
      if (replaces(g))
        groups_.try_emplace(g, uid_, g);
    for (auto& [group, written] : groups_) {
      const bool all = replaces(group);
      const bool any = written.any();
      if (any || all)
        written.finish(all, to);
      if (any)
        groups.insert(group);
      else if (all)
        groups.erase(group);
    }
  }

private:
  /// The deltas of one group.
  class group_deltas {
  public:
    group_deltas(const std::string& uid, std::uint16_t group) : next_{uid, group} {}

    void put(const state_entry& e) {
      next_.put(e.state, e.key, e.value);
      take_if_full();
    }
    void remove(const state_entry& key) {
      next_.remove(key.state, key.key);
      take_if_full();
    }
    [[nodiscard]] bool any() const noexcept { return !full_.empty() || !next_.empty(); }

    void finish(bool replaces, actor_state& to) {
      if (full_.empty() || !next_.empty())
        full_.push_back(next_.take());
      for (auto& d : full_) {
        d.replaces = replaces;
        to.push_back(std::move(d));
      }
    }

  private:
    void take_if_full() {
      if (next_.full())
        full_.push_back(next_.take());
    }

    std::vector<delta> full_;
    delta_writer next_;
  };

  group_deltas& deltas_of(const state_entry& e) {
    const auto group = stored_group(e.owner, e.hash, max_parallelism_);
    return groups_.try_emplace(group, uid_, group).first->second;
  }

  const std::string& uid_;
  const std::uint32_t max_parallelism_;
  std::map<std::uint16_t, group_deltas> groups_;
};

/// For a step that shall forget what has changed.
class nowhere final : public state_writer {
public:
  void put(const state_entry&) override {}
  void remove(const state_entry&) override {}
};

} // namespace

saved_entry saved_position(const partition& of, const partition_position& at) {
  return {std::string{positions_state}, encoded(std::pair{of.topic, of.number}), encoded(at), state_owner::anyone};
}

std::pair<partition, partition_position> position_of(const state_entry& entry) {
  auto [topic, number] = decoded<std::pair<std::string, std::int32_t>>(entry.key);
  return {partition{std::move(topic), number}, decoded<partition_position>(entry.value)};
}

std::set<std::uint16_t> groups_of(std::uint32_t instance, std::uint32_t parallelism, std::uint32_t max_parallelism) {
  std::set<std::uint16_t> groups{group_of_all, group_of_anyone};
  for (std::uint32_t g = 0; g < max_parallelism; ++g)
    if (shard_of(g, parallelism, max_parallelism) == instance)
      groups.insert(static_cast<std::uint16_t>(g));
  return groups;
}

state_snapshot::state_snapshot(
  std::string stage, std::uint32_t max_parallelism, std::vector<named_step> steps, store_contents before)
  : max_parallelism_{max_parallelism}, stage_{std::move(stage), nullptr, before.groups}, before_{before.steps} {
  for (auto& s : steps) {
    const bool keeps_nothing = s.what->states().empty();
    steps_.push_back({std::move(s.uid), s.what, keeps_nothing ? std::set<std::uint16_t>{} : before.groups});
  }
}

std::shared_ptr<actor_state> state_snapshot::take(timestamp watermark, std::span<const saved_entry> more) {
  ++count_;
  auto all = std::make_shared<actor_state>();
  grouped_entries of_stage{stage_.uid, max_parallelism_};
  if (watermark != min_timestamp)
    of_stage.put({input_watermark_state, encoded(watermark), {}, state_owner::all});
  for (const auto& e : more)
    of_stage.put(e.view());
  of_stage.finish([](std::uint16_t g) { return g == group_of_all; }, stage_.groups, *all);
  for (auto& s : steps_)
    take(s, *all);
  before_.reset();
  return all;
}

void state_snapshot::on_stored(std::uint64_t epoch) {
  std::uint32_t stored = 0;
  for (; !taken_.empty() && taken_.front().first <= epoch; taken_.pop_front())
    stored = taken_.front().second;
  if (stored != 0)
    for (const auto& s : steps_)
      s.what->on_stored(stored);
}

void state_snapshot::take(part& of, actor_state& to) {
  grouped_entries entries{of.uid, max_parallelism_};
  bool everything = before_ && before_ != loaded_from::store;
  if (before_ == loaded_from::elsewhere) { // no change for the step
    of.what->save(entries);
    nowhere forgets;
    (void)of.what->save_changes(forgets);
  } else if (of.what->save_changes(entries) == saved::everything) {
    everything = true;
  }
  entries.finish([&](std::uint16_t g) { return everything || owner_of(g) != state_owner::key; }, of.groups, to);
}

void load_entry(
  std::span<step* const> subtasks, const state_entry& entry, std::uint16_t group, std::uint32_t max_parallelism,
  bool may_stay, std::size_t& turn) {
  const auto parallelism = static_cast<std::uint32_t>(subtasks.size());
  switch (owner_of(group)) {
  case state_owner::key: {
    auto& to = *subtasks[shard_of(group, parallelism, max_parallelism)];
    if (!may_stay || !to.leave_stored(entry))
      to.load(entry);
    return;
  }
  case state_owner::all:
    for (auto* s : subtasks)
      s->load(entry);
    return;
  case state_owner::anyone:
    return subtasks[turn++ % parallelism]->load(entry);
  }
}

} // namespace leat
