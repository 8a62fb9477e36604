#include <leat/persistence/checkpoint_view.hpp>

#include <leat/base/error.hpp>
#include <leat/messages/delta.hpp>
#include <leat/persistence/delta_index.hpp>
#include <leat/persistence/group_entries.hpp>
#include <leat/persistence/lmdb/lmdb_environment.hpp>
#include <leat/persistence/lmdb/lmdb_pages.hpp>
#include <leat/persistence/store_directory.hpp>
#include <leat/persistence/store_format.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <queue>
#include <utility>

namespace leat {
namespace {

using clock = std::chrono::steady_clock;

// The meta pages of a file that somebody writes to may be read while one of them is being written.
void check_living_head(const std::string& file) {
  for (int attempt = 0; attempt < 3; ++attempt)
    try {
      check_lmdb_head(file, false);
      return;
    } catch (const state_error&) {
    }
  check_lmdb_head(file, false);
}

// The step's group of each base key, found by jumping from one to the next.
void add_base_groups(const lmdb_transaction& txn, std::uint32_t step, std::vector<std::uint16_t>& groups) {
  lmdb_cursor at{txn, txn.environment().base()};
  std::uint32_t next = 0;
  while (next <= group_of_all && at.seek(base_prefix(step, static_cast<std::uint16_t>(next)))) {
    const auto found = decoded_base_key(at.key());
    if (found.step != step)
      return;
    if (found.group < next)
      throw damaged_record{"keys of the base are out of order"};
    groups.push_back(found.group);
    next = std::uint32_t{found.group} + 1;
  }
}

} // namespace

struct checkpoint_view::parts {
  parts(std::shared_ptr<lmdb_environment> env, std::chrono::milliseconds max_age)
    : txn{std::move(env), lmdb_transaction::kind::read}, max_age{max_age} {
    const auto bytes = txn.get(txn.environment().meta(), store_format::manifest_key);
    if (!bytes)
      throw damaged_file(txn.environment().file(), "it has lost its manifest");
    manifest = decoded_manifest(*bytes, txn.environment().file());
    index = delta_index{txn};
  }

  lmdb_transaction txn;
  std::chrono::milliseconds max_age;
  clock::time_point since = clock::now();
  checkpoint_manifest manifest;
  delta_index index;
};

checkpoint_view checkpoint_view::open(const std::string& directory, std::chrono::milliseconds max_age) {
  const auto file = fmt::format("{}/{}", directory, store_format::file);
  if (has_owner(directory))
    check_living_head(file);
  else
    check_lmdb_pages(file, false);
  return {lmdb_environment::open(file, lmdb_environment::mode::read, 0), max_age};
}

checkpoint_view checkpoint_view::open_copy(const std::string& file) {
  check_lmdb_pages(file, true);
  return {lmdb_environment::open(file, lmdb_environment::mode::copy, 0), std::chrono::milliseconds::max()};
}

checkpoint_view::checkpoint_view(std::shared_ptr<lmdb_environment> env, std::chrono::milliseconds max_age)
  : parts_{std::make_unique<parts>(std::move(env), max_age)} {}

checkpoint_view::checkpoint_view(checkpoint_view&&) noexcept = default;
checkpoint_view& checkpoint_view::operator=(checkpoint_view&&) noexcept = default;
checkpoint_view::~checkpoint_view() = default;

const checkpoint_manifest& checkpoint_view::manifest() const noexcept { return parts_->manifest; }

std::optional<std::string>
checkpoint_view::get(std::string_view step, std::string_view state, std::uint16_t group, std::string_view key) const {
  check_age();
  const auto& s = step_of(step);
  const auto& known = state_of(s, state);
  const auto form = base_form(key);
  const entry_place wanted{known.id, form};
  const group_overlay overlay{parts_->txn, s, group, parts_->index.of({s.id, group})};
  const auto found = std::lower_bound(
    overlay.entries().begin(), overlay.entries().end(), wanted, [](const auto& e, const auto& p) { return e.place < p; });
  if (found != overlay.entries().end() && found->place == wanted)
    return found->value ? std::optional{std::string{*found->value}} : std::nullopt;
  if (overlay.hides_base())
    return std::nullopt;
  const auto base_key = base_prefix(s.id, group, known.id) + form;
  const auto value = parts_->txn.get(parts_->txn.environment().base(), base_key);
  return value ? std::optional{std::string{decoded_base(base_key, *value).value}} : std::nullopt;
}

void checkpoint_view::scan(
  std::string_view step, std::string_view state, const std::function<bool(const stored_entry&)>& visit,
  const std::function<bool(std::uint16_t)>& wanted) const {
  check_age();
  const auto& s = step_of(step);
  const auto& known = state_of(s, state);

  struct source {
    std::uint16_t group;
    std::unique_ptr<group_entries> entries;
    live_entry at;
  };
  const auto later = [](const source& a, const source& b) { return a.at.place.form > b.at.place.form; };
  std::vector<source> heap;
  for (const auto group : groups_of(s)) {
    if (wanted && !wanted(group))
      continue;
    auto entries = std::make_unique<group_entries>(parts_->txn, s, group, parts_->index.of({s.id, group}), known.id);
    if (const auto first = entries->next())
      heap.push_back({group, std::move(entries), *first});
  }
  std::make_heap(heap.begin(), heap.end(), later);
  while (!heap.empty()) {
    check_age();
    std::pop_heap(heap.begin(), heap.end(), later);
    auto& least = heap.back();
    if (!visit({s.uid, known.name, least.group, least.at.key, least.at.value}))
      return;
    if (const auto next = least.entries->next()) {
      least.at = *next;
      std::push_heap(heap.begin(), heap.end(), later);
    } else {
      heap.pop_back();
    }
  }
}

std::vector<std::uint16_t> checkpoint_view::groups(std::string_view step) const { return groups_of(step_of(step)); }

bool checkpoint_view::scan_group(
  std::string_view step, std::string_view state, std::uint16_t group,
  const std::function<bool(const stored_entry&)>& visit) const {
  const auto& s = step_of(step);
  const auto& known = state_of(s, state);
  check_age();
  group_entries entries{parts_->txn, s, group, parts_->index.of({s.id, group}), known.id};
  while (const auto e = entries.next()) {
    check_age();
    if (!visit({s.uid, known.name, group, e->key, e->value}))
      return false;
  }
  return true;
}

void checkpoint_view::restore(const std::function<void(const stored_entry&)>& visit) const {
  try {
    restore_all(visit);
  } catch (const damaged_record& e) {
    throw damaged_file(parts_->txn.environment().file(), e.what());
  }
}

void checkpoint_view::restore_all(const std::function<void(const stored_entry&)>& visit) const {
  std::uint64_t deltas = 0;
  std::uint64_t entries = 0;
  for (const auto& step : parts_->manifest.steps) {
    restore(step, visit);
    deltas += step.contents.deltas;
    entries += step.contents.entries;
  }
  const auto& env = parts_->txn.environment();
  if (deltas != parts_->txn.entries(env.deltas()) || entries != parts_->txn.entries(env.base()))
    throw damaged_record{"it holds entries that belong to no step"};
}

void checkpoint_view::restore(const stored_step& step, const std::function<void(const stored_entry&)>& visit) const {
  std::vector<std::string_view> names(step.states.size());
  for (const auto& s : step.states)
    names.at(s.id) = s.name;
  step_contents read;
  for (const auto group : groups_of(step)) {
    check_age();
    group_entries entries{parts_->txn, step, group, parts_->index.of({step.id, group})};
    while (const auto e = entries.next()) {
      if (e->place.state >= names.size())
        throw damaged_record{fmt::format("the manifest does not know state {} of step `{}`", e->place.state, step.name)};
      visit({step.uid, names[e->place.state], group, e->key, e->value});
    }
    read += entries.read();
  }
  if (read != step.contents)
    throw damaged_record{fmt::format(
      "entries of step `{}` are missing, damaged or old: {} deltas of {} and {} entries of {} were found", step.name,
      read.deltas, step.contents.deltas, read.entries, step.contents.entries)};
}

void checkpoint_view::check_age() const {
  if (std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - parts_->since) > parts_->max_age)
    throw view_too_old{fmt::format(
      "this view of checkpoint {} is older than {}, and would keep the file growing: take a new one",
      parts_->manifest.checkpoint, format_duration(parts_->max_age))};
}

const stored_step& checkpoint_view::step_of(std::string_view uid) const {
  const auto* step = parts_->manifest.step(uid);
  if (step == nullptr)
    throw state_error{fmt::format("the checkpoint has no step `{}`", uid)};
  return *step;
}

const stored_state& checkpoint_view::state_of(const stored_step& step, std::string_view name) {
  const auto* known = step.state(name);
  if (known == nullptr)
    throw state_error{fmt::format("step `{}` has no state `{}`", step.name, name)};
  return *known;
}

std::vector<std::uint16_t> checkpoint_view::groups_of(const stored_step& step) const {
  std::vector<std::uint16_t> groups;
  const auto& all = parts_->index.groups();
  for (auto at = all.lower_bound({step.id, 0}); at != all.end() && at->first.first == step.id; ++at)
    groups.push_back(at->first.second);
  add_base_groups(parts_->txn, step.id, groups);
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

} // namespace leat
