#include <leat/persistence/entry_lookup.hpp>

#include <leat/base/bytes.hpp>
#include <leat/base/error.hpp>
#include <leat/base/xxh3.hpp>
#include <leat/messages/delta.hpp>
#include <leat/persistence/store_format.hpp>
#include <leat/persistence/store_records.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace leat {

namespace {

std::uint32_t hash_of(std::uint16_t state, std::string_view key) {
  return static_cast<std::uint32_t>(XXH3_64bits_withSeed(key.data(), key.size(), state));
}

} // namespace

entry_lookup::entry_lookup(std::shared_ptr<lmdb_environment> env, std::string step, std::uint32_t max_parallelism)
  : env_{std::move(env)}, step_name_{std::move(step)}, groups_(max_parallelism) {}

void entry_lookup::refresh() {
  txn_.reset(); // one that is held while another begins would keep pages longer
  try {
    txn_.emplace(env_, lmdb_transaction::kind::read);
  } catch (const lmdb_error& e) {
    if (e.code() != MDB_PANIC)
      throw;
    return; // the disk has failed, and others have the file open still: whoever looks for something tries again
  }
  const auto bytes = txn_->get(env_->meta(), store_format::manifest_key);
  if (!bytes)
    throw state_error{fmt::format("{}: has lost its manifest", env_->file())};
  const auto manifest = decoded_manifest(*bytes, env_->file());
  const auto* const step = manifest.step(step_name_);
  if (step_ && (!step || step->id != step_->id)) { // it was dropped
    for (auto& group : groups_)
      group = {};
    seen_ = 0;
  }
  step_ = step ? std::optional{*step} : std::nullopt;
  if (step)
    take_new_deltas();
  seen_ = manifest.checkpoint;
  forget_folded();
}

void entry_lookup::close() { txn_.reset(); }

void entry_lookup::take_new_deltas() {
  lmdb_cursor at{*txn_, env_->deltas()};
  for (bool more = at.seek(encoded(delta_key{seen_ + 1, 0, 0, 0})); more; more = at.next())
    if (const auto key = decoded_delta_key(at.key()); key.step == step_->id && key.group < groups_.size())
      groups_[key.group].deltas.push_back({{key.checkpoint, key.part, at.value().size()}});
}

/// A fold takes the oldest of a group.
void entry_lookup::forget_folded() {
  for (std::size_t number = 0; number < groups_.size(); ++number) {
    auto& group = groups_[number];
    const auto is_there = [&](const known_delta& d) {
      return step_ && txn_->get(env_->deltas(), encoded(key_of({step_->id, static_cast<std::uint16_t>(number)}, d.ref)));
    };
    while (!group.deltas.empty() && !is_there(group.deltas.front())) {
      if (group.indexed != 0) {
        const auto end = group.deltas.front().end;
        group.places.remove_oldest(end - std::exchange(group.folded, end));
        --group.indexed;
      }
      group.deltas.pop_front();
    }
    if (group.deltas.empty() || group.deltas.front().ref.checkpoint > group.replaced_in)
      group.replaced_in = 0;
  }
}

std::optional<std::string_view> entry_lookup::find(std::string_view state, std::uint64_t hash, std::string_view key) {
  if (!txn_)
    refresh();
  if (!txn_)
    throw connector_error{fmt::format(
      "{}: the disk failed while a checkpoint was written. The file has to be opened anew, and others have it open still: "
      "a "
      "restart of the job does it, from the last checkpoint",
      env_->file())};
  const auto* const known = step_ ? step_->state(state) : nullptr;
  if (!known)
    return std::nullopt;
  const auto number = stored_group(state_owner::key, hash, static_cast<std::uint32_t>(groups_.size()));
  auto& group = groups_[number];
  index(number);
  std::string_view value;
  const auto is_it = [&](const delta_places::place& p, std::size_t place) {
    if (p.state != known->id)
      return false;
    const auto of = std::ranges::upper_bound(group.deltas, group.folded + place, {}, &known_delta::end);
    byte_reader in{bytes_of(number, *of).substr(p.offset)};
    if (in.text() != key)
      return false;
    if (!p.removed)
      value = in.text();
    return true;
  };
  if (const auto* const found = group.places.find(hash_of(known->id, key), is_it))
    return found->removed ? std::nullopt : std::optional{value};
  if (group.replaced_in != 0)
    return std::nullopt;
  const auto base_key = base_prefix(step_->id, number, known->id) + base_form(key);
  const auto in_base = txn_->get(env_->base(), base_key);
  return in_base ? std::optional{decoded_base(base_key, *in_base).value} : std::nullopt;
}

/// Looks into the deltas of a group that have come since the last look.
void entry_lookup::index(std::uint16_t number) {
  auto& group = groups_[number];
  for (; group.indexed < group.deltas.size(); ++group.indexed) {
    auto& d = group.deltas[group.indexed];
    const auto key = encoded(key_of({step_->id, number}, d.ref));
    const auto bytes = txn_->get(env_->deltas(), key);
    if (!bytes)
      throw missing(d.ref.checkpoint);
    const auto record = decoded_delta(key, *bytes);
    if (record.replaces && d.ref.checkpoint != group.replaced_in) {
      group.replaced_in = d.ref.checkpoint;
      auto first = group.indexed; // of this checkpoint
      while (first != 0 && group.deltas[first - 1].ref.checkpoint == d.ref.checkpoint)
        --first;
      group.places.hide_oldest(first == 0 ? 0 : group.deltas[first - 1].end - group.folded);
    }
    delta_reader in{record.bytes};
    std::vector<std::uint16_t> states;
    while (const auto e = in.next()) {
      if (e->state == states.size())
        states.push_back(id_of(in.states().back()));
      group.places.add(hash_of(states[e->state], e->key), static_cast<std::uint32_t>(e->at), states[e->state], !e->value);
    }
    d.end = group.folded + group.places.size();
  }
}

/// Those of a delta that was verified before.
std::string_view entry_lookup::bytes_of(std::uint16_t number, const known_delta& of) const {
  const auto value = txn_->get(env_->deltas(), encoded(key_of({step_->id, number}, of.ref)));
  if (!value)
    throw missing(of.ref.checkpoint);
  return value->substr(delta_head_bytes);
}

std::uint16_t entry_lookup::id_of(std::string_view state) const {
  if (const auto* const known = step_->state(state))
    return known->id;
  throw state_error{
    fmt::format("{}: the manifest does not know state \"{}\" of step '{}'", env_->file(), state, step_name_)};
}

state_error entry_lookup::missing(std::uint64_t checkpoint) const {
  return state_error{fmt::format("{}: a delta of checkpoint {} is missing", env_->file(), checkpoint)};
}

} // namespace leat
