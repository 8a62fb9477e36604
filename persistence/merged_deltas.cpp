#include <leat/persistence/merged_deltas.hpp>

#include <leat/messages/delta.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace leat {

namespace {

/// What a snapshot says of one group of a step.
struct group_changes {
  bool replaces = false;
  bool follows_all = false; // the older one replaces, and so both together do
  std::unordered_map<std::string_view, std::unordered_set<std::string_view>> keys{}; // of each state

  [[nodiscard]] bool has(std::string_view state, std::string_view key) const {
    const auto found = keys.find(state);
    return found != keys.end() && found->second.contains(key);
  }
};

using place = std::pair<std::string_view, std::uint16_t>; // step and group

std::map<place, group_changes> changes_of(const actor_state& all) {
  std::map<place, group_changes> found;
  for (const auto& d : all) {
    auto& of = found[{d.step, d.group}];
    of.replaces = of.replaces || d.replaces;
    delta_reader in{d};
    while (const auto e = in.next())
      of.keys[d.states[e->state]].insert(e->key);
  }
  return found;
}

/// What `newer` does not say again. Where everything is replaced there is nothing to remove.
delta without(const group_changes& newer, const delta& d) {
  delta_writer left{d.step, d.group, d.replaces};
  delta_reader in{d};
  while (const auto e = in.next()) {
    const auto& state = d.states[e->state];
    if (newer.has(state, e->key))
      continue;
    if (e->value)
      left.put(state, e->key, *e->value);
    else if (!d.replaces)
      left.remove(state, e->key);
  }
  return left.take();
}

} // namespace

actor_state merge_deltas(const actor_state& older, const actor_state& newer) {
  auto changes = changes_of(newer);
  actor_state merged;
  for (const auto& d : older) {
    const auto found = changes.find({d.step, d.group});
    if (found == changes.end()) {
      merged.push_back(d);
    } else if (!found->second.replaces) {
      if (auto left = without(found->second, d); !left.bytes.empty())
        merged.push_back(std::move(left));
      found->second.follows_all = found->second.follows_all || d.replaces;
    }
  }
  for (const auto& d : newer) {
    merged.push_back(d);
    merged.back().replaces = d.replaces || changes.at({d.step, d.group}).follows_all;
  }
  return merged;
}

actor_state lasting_deltas(const actor_state& of) {
  actor_state lasting;
  for (const auto& d : of)
    if (d.replaces && owner_of(d.group) != state_owner::key)
      lasting.push_back(d);
  return lasting;
}

} // namespace leat
