#pragma once

#include <leat/messages/delta.hpp>
#include <leat/persistence/checkpoint_store.hpp>
#include <leat/tests/support/temporary_folder.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace leat::testing {

/// What a store should hold: by step, state, group and key.
using store_contents = std::map<std::tuple<std::string, std::string, std::uint16_t, std::string>, std::string>;

/// Everything that a store or a view restores. What it restores twice shows as an entry with a strange name.
template <class Source>
store_contents contents_of(const Source& source) {
  store_contents all;
  source.restore([&](const stored_entry& e) {
    const auto place = std::tuple{std::string{e.step}, std::string{e.state}, e.group, std::string{e.key}};
    if (!all.emplace(place, e.value).second)
      all[{"restored twice", std::string{e.state}, e.group, std::string{e.key}}] = e.value;
  });
  return all;
}

/// What a job says of itself.
inline checkpoint_manifest job_manifest() {
  checkpoint_manifest m;
  m.job = "orders";
  m.parallelism = 4;
  m.max_parallelism = 128;
  m.steps = {{"totals", "totals per user", 4, {{"sum", "text", "int64"}, {"count", "text", "int64"}}}};
  return m;
}

/// One change: of a key in a state, or its removal.
struct change {
  std::string step;
  std::uint16_t group = 0;
  std::string state;
  std::string key;
  std::optional<std::string> value;
};

/// A checkpoint as it is handed over: changes, and the groups of which they are everything.
struct changes {
  std::vector<change> list;
  std::vector<std::pair<std::string, std::uint16_t>> replaced{};

  void apply_to(store_contents& contents) const;
  void add_to(checkpoint_store& store) const;
};

/// Random changes over a few keys, so that keys meet again: two steps, three groups and two states; seldom a whole group.
changes random_changes(std::mt19937& random, std::size_t count);

/// Where one of these may lie.
store_contents::key_type random_place(std::mt19937& random);

/// The state after the first `checkpoints` of a seed, and what each hands over.
changes checkpoint_of_seed(unsigned seed, std::uint64_t number);
store_contents contents_of_seed(unsigned seed, std::uint64_t checkpoints);

/// Writes one checkpoint with these changes.
write_result write_checkpoint(checkpoint_store& store, std::uint64_t number, const changes& handed_over);

/// A store that folds whenever it is asked to.
inline checkpoint_store_options eager_folds() {
  checkpoint_store_options options;
  options.fold = {0, 0, {}, 0, 0};
  return options;
}

} // namespace leat::testing
