#include <leat/actors/epochs/state_snapshot.hpp>
#include <leat/operators/chain.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace leat;

namespace {

constexpr std::uint32_t key_groups = 4;

/// A hash of the group.
std::uint64_t hash_in(std::uint16_t group) {
  std::uint64_t hash = 0;
  while (key_group_of(hash, key_groups) != group)
    hash += std::uint64_t{1} << 40;
  return hash;
}

/// Says what the test lays out: keys by their group, and what goes to all.
class scripted_step final : public step {
public:
  using step::step;
  void on_batch(batch_ptr) override {}

  void save(state_writer& to) const override { write(all, to); }
  saved save_changes(state_writer& to) override {
    const auto now = std::exchange(changes, {});
    write(tracks ? now : all, to);
    for (const auto& [group, key] : std::exchange(removed, {}))
      to.remove({"state", key, {}, state_owner::key, hash_in(group)});
    return tracks ? saved::changes : saved::everything;
  }
  [[nodiscard]] std::vector<state_description> states() const override { return {state_description{.name = "state"}}; }

  std::vector<std::pair<std::uint16_t, std::string>> all, changes, removed;
  std::string for_all;
  bool tracks = true;

private:
  void write(const std::vector<std::pair<std::uint16_t, std::string>>& keys, state_writer& to) const {
    for (const auto& [group, key] : keys)
      to.put({"state", key, "v", state_owner::key, hash_in(group)});
    if (!for_all.empty())
      to.put({"state", for_all, {}, state_owner::all});
  }
};

struct snapshot_fixture {
  explicit snapshot_fixture(store_contents before = {})
    : snapshots{"stage", key_groups, {{"step", &kept}}, std::move(before)} {}

  /// A snapshot, delta by delta: its name and group, "=" when it replaces, and its entries.
  std::vector<std::string> take(std::vector<saved_entry> more = {}) {
    std::vector<std::string> told;
    const auto taken = snapshots.take(min_timestamp, more);
    for (const auto& d : *taken) {
      const auto group = d.group == group_of_all ? "all" : d.group == group_of_anyone ? "anyone" : std::to_string(d.group);
      auto text = d.step + ' ' + group + (d.replaces ? " =" : " ");
      delta_reader reader{d};
      while (const auto e = reader.next())
        text += (e->value ? '+' : '-') + std::string{e->key};
      told.push_back(text);
    }
    return told;
  }

  metrics registry;
  chain steps{"test", registry};
  scripted_step kept{step_context{"step", 0, 1, &steps.flow(), &registry, &steps.clock(), {}}};
  state_snapshot snapshots;
};

using deltas = std::vector<std::string>;

} // namespace

TEST_CASE("the first snapshot says everything in the place of what was there, all others what has changed") {
  snapshot_fixture f;
  f.kept.changes = {{0, "a"}, {2, "b"}};
  f.kept.for_all = "t";
  CHECK(f.take() == deltas{"step 0 =+a", "step 2 =+b", "step all =+t"});
  f.kept.changes = {{0, "c"}, {3, "d"}};
  f.kept.removed = {{2, "b"}};
  CHECK(f.take() == deltas{"step 0 +c", "step 2 -b", "step 3 +d", "step all =+t"});
  CHECK(f.take() == deltas{"step all =+t"});
}

TEST_CASE("what all have in common is said to be gone once, and after that nothing is said") {
  snapshot_fixture f;
  f.kept.for_all = "t";
  (void)f.take();
  f.kept.for_all.clear();
  CHECK(f.take() == deltas{"step all ="});
  CHECK(f.take().empty());
}

TEST_CASE("after a restore the first snapshot says what has changed, and leaves nothing of all and of anyone") {
  snapshot_fixture f{{loaded_from::store, groups_of(0, 2, key_groups)}};
  f.kept.all = {{0, "a"}, {1, "b"}};
  f.kept.changes = {{1, "b"}};
  CHECK(f.take() == deltas{"stage all =", "step 1 +b", "step anyone =", "step all ="});
  CHECK(f.take().empty());
}

TEST_CASE("a step that was loaded from elsewhere leaves nothing of what the store has, and its changes are in it") {
  snapshot_fixture f{{loaded_from::elsewhere, groups_of(1, 2, key_groups)}};
  f.kept.all = {{2, "a"}};
  f.kept.changes = {{2, "a"}};
  CHECK(f.take() == deltas{"stage all =", "step 2 =+a", "step 3 =", "step anyone =", "step all ="});
  CHECK(f.take().empty());
}

TEST_CASE("a step that keeps no track leaves nothing in the groups that it had something in") {
  snapshot_fixture f;
  f.kept.tracks = false;
  f.kept.all = {{0, "a"}, {2, "b"}};
  (void)f.take();
  f.kept.all = {{1, "c"}};
  CHECK(f.take() == deltas{"step 0 =", "step 1 =+c", "step 2 ="});
  CHECK(f.take() == deltas{"step 1 =+c"});
}

TEST_CASE("what the stage gives to anyone replaces nothing") {
  snapshot_fixture f{{loaded_from::store, groups_of(0, 1, key_groups)}};
  (void)f.take();
  CHECK(f.take({{"state", "p", "v", state_owner::anyone, 0}}) == deltas{"stage anyone +p"});
}

TEST_CASE("all deltas of a large group say that they replace it") {
  snapshot_fixture f;
  for (int i = 0; i < 30; ++i)
    f.kept.changes.emplace_back(0, std::string(100'000, static_cast<char>('a' + i % 26)) + std::to_string(i));
  const auto told = f.take();
  CHECK(told.size() >= 3);
  for (const auto& d : told)
    CHECK(d.starts_with("step 0 =+"));
}

TEST_CASE("an actor has the groups of its keys, and those of all and of anyone") {
  CHECK(groups_of(1, 2, 4) == std::set<std::uint16_t>{2, 3, group_of_anyone, group_of_all});
}
