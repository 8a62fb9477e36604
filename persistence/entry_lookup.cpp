#include <leat/persistence/entry_lookup.hpp>

#include <leat/base/error.hpp>
#include <leat/messages/delta.hpp>
#include <leat/persistence/store_format.hpp>
#include <leat/persistence/store_records.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

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
  txn_.emplace(env_, lmdb_transaction::kind::read);
  const auto bytes = txn_->get(env_->meta(), store_format::manifest_key);
  if (!bytes)
    throw state_error{fmt::format("{}: has lost its manifest", env_->file())};
  const auto manifest = decoded_manifest(*bytes, env_->file());
  const auto* const step = manifest.step(step_name_);
  if (step_ && (!step || step->id != step_->id)) { // it was dropped
    for (auto& deltas : groups_)
      deltas.clear();
    seen_ = 0;
  }
  step_ = step ? std::optional{*step} : std::nullopt;
  if (step)
    take_new_deltas();
  seen_ = manifest.checkpoint;
  forget_folded();
}

void entry_lookup::take_new_deltas() {
  lmdb_cursor at{*txn_, env_->deltas()};
  for (bool more = at.seek(encoded(delta_key{seen_ + 1, 0, 0, 0})); more; more = at.next())
    if (const auto key = decoded_delta_key(at.key()); key.step == step_->id && key.group < groups_.size())
      groups_[key.group].push_back({{key.checkpoint, key.part, at.value().size()}});
}

/// A fold takes the oldest of a group.
void entry_lookup::forget_folded() {
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    auto& deltas = groups_[group];
    const auto is_there = [&](const known_delta& d) {
      return step_ && txn_->get(env_->deltas(), encoded(key_of({step_->id, static_cast<std::uint16_t>(group)}, d.ref)));
    };
    deltas.erase(deltas.begin(), std::ranges::find_if(deltas, is_there));
  }
}

std::optional<std::string_view> entry_lookup::find(std::string_view state, std::uint64_t hash, std::string_view key) {
  if (!txn_)
    refresh();
  const auto* const known = step_ ? step_->state(state) : nullptr;
  if (!known)
    return std::nullopt;
  const auto group = stored_group(state_owner::key, hash, static_cast<std::uint32_t>(groups_.size()));
  const auto wanted = hash_of(known->id, key);
  auto& deltas = groups_[group];
  std::uint64_t replaced_in = 0; // the checkpoint that hides all older ones
  for (auto d = deltas.rbegin(); d != deltas.rend(); ++d) {
    if (replaced_in != 0 && d->ref.checkpoint != replaced_in)
      return std::nullopt;
    if (!d->indexed)
      index(group, *d);
    if (d->replaces)
      replaced_in = d->ref.checkpoint;
    const auto may_be = std::ranges::lower_bound(d->places, wanted, {}, &place::hash);
    if (may_be == d->places.end() || may_be->hash != wanted)
      continue;
    const auto bytes = bytes_of(group, d->ref);
    if (const auto* const found = find(*d, wanted, known->id, key, bytes)) {
      if (found->removed)
        return std::nullopt;
      byte_reader value{bytes.substr(found->offset + found->bytes)};
      return value.text();
    }
  }
  if (replaced_in != 0)
    return std::nullopt;
  const auto base_key = base_prefix(step_->id, group, known->id) + base_form(key);
  const auto value = txn_->get(env_->base(), base_key);
  return value ? std::optional{decoded_base(base_key, *value).value} : std::nullopt;
}

/// Of a key that a delta has more than once, the last.
const entry_lookup::place* entry_lookup::find(
  const known_delta& in, std::uint32_t hash, std::uint16_t state, std::string_view key, std::string_view bytes) {
  const place* last = nullptr;
  for (auto p = std::ranges::lower_bound(in.places, hash, {}, &place::hash); p != in.places.end() && p->hash == hash; ++p)
    if (p->state == state && bytes.substr(p->offset, p->bytes) == key)
      last = &*p;
  return last;
}

void entry_lookup::index(std::uint16_t group, known_delta& of) const {
  const auto key = encoded(key_of({step_->id, group}, of.ref));
  const auto value = txn_->get(env_->deltas(), key);
  if (!value)
    throw state_error{fmt::format("{}: a delta of checkpoint {} is missing", env_->file(), of.ref.checkpoint)};
  const auto record = decoded_delta(key, *value);
  of.replaces = record.replaces;
  delta_reader in{record.bytes};
  std::vector<std::uint16_t> states;
  while (const auto e = in.next()) {
    if (e->state == states.size()) {
      const auto* const known = step_->state(in.states().back());
      if (!known)
        throw state_error{fmt::format(
          "{}: the manifest does not know state \"{}\" of step '{}'", env_->file(), in.states().back(), step_name_)};
      states.push_back(known->id);
    }
    of.places.push_back(
      {hash_of(states[e->state], e->key), static_cast<std::uint32_t>(e->key.data() - record.bytes.data()),
       static_cast<std::uint32_t>(e->key.size()), states[e->state], !e->value});
  }
  std::ranges::stable_sort(of.places, {}, &place::hash);
  of.places.shrink_to_fit();
  of.indexed = true;
}

/// Those of a delta that was verified before.
std::string_view entry_lookup::bytes_of(std::uint16_t group, const delta_ref& ref) const {
  const auto value = txn_->get(env_->deltas(), encoded(key_of({step_->id, group}, ref)));
  if (!value)
    throw state_error{fmt::format("{}: a delta of checkpoint {} is missing", env_->file(), ref.checkpoint)};
  return value->substr(delta_head_bytes);
}

} // namespace leat
