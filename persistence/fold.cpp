#include <leat/persistence/fold.hpp>

#include <leat/messages/delta.hpp>
#include <leat/persistence/group_entries.hpp>
#include <leat/persistence/lmdb/lmdb_environment.hpp>
#include <leat/persistence/store_records.hpp>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace leat {
namespace {

// What a delta costs beside its bytes, in bytes: its key, and the rest of its last page.
constexpr std::uint64_t cost_of_delta = 1024;

std::uint64_t weight(const std::vector<delta_ref>& refs) {
  std::uint64_t bytes = 0;
  for (const auto& ref : refs)
    bytes += ref.bytes + cost_of_delta;
  return bytes;
}

bool due(const delta_index& index, const checkpoint_manifest& manifest, const fold_policy& policy) {
  std::uint64_t base = 0;
  for (const auto& step : manifest.steps)
    base += step.contents.entry_bytes;
  const auto share = static_cast<std::uint64_t>(policy.share_of_base * static_cast<double>(base));
  const auto allowed = std::min(share, policy.most_bytes);
  return index.bytes_of_keys() > std::max(allowed, policy.least_bytes) || index.count() > policy.most_deltas;
}

constexpr std::size_t few_deltas = 1024; // whose keys can be looked at with every checkpoint
constexpr std::uint64_t sometimes = 64;  // checkpoints between two looks at more

using spoken_of = std::pair<std::string_view, std::string_view>; // state and key

// How many of a group's oldest deltas say nothing that counts; whole checkpoints.
std::size_t count_superseded(const lmdb_transaction& txn, delta_index::group_id group, const std::vector<delta_ref>& refs) {
  std::set<spoken_of> later;     // by deltas that were looked at, from the newest on
  std::uint64_t replaced_in = 0; // the checkpoint that hides all older ones
  std::size_t count = 0;
  for (auto i = refs.size(); i-- > 0;) {
    if (replaced_in != 0 && refs[i].checkpoint != replaced_in) {
      count = std::max(count, i + 1);
      break;
    }
    const auto value = txn.get(txn.environment().deltas(), encoded(key_of(group, refs[i])));
    const auto record = value ? unverified_delta(*value) : std::nullopt;
    if (!record)
      return 0; // whoever reads it says what is wrong
    std::vector<spoken_of> here;
    bool counts = false;
    delta_reader in{record->bytes};
    while (const auto e = in.next()) {
      here.emplace_back(in.states()[e->state], e->key);
      counts = counts || (e->value && !later.contains(here.back()));
    }
    if (counts)
      count = 0;
    else if (count == 0)
      count = i + 1;
    later.insert(here.begin(), here.end());
    if (record->replaces)
      replaced_in = refs[i].checkpoint;
  }
  while (count > 0 && count < refs.size() && refs[count].checkpoint == refs[count - 1].checkpoint)
    --count;
  return count;
}

// The oldest of a group's deltas, whole checkpoints, of about so many bytes.
std::vector<delta_ref> oldest(const std::vector<delta_ref>& refs, std::uint64_t budget) {
  std::uint64_t bytes = 0;
  std::size_t n = 0;
  while (n < refs.size() && (bytes < budget || refs[n].checkpoint == refs[n - 1].checkpoint))
    bytes += refs[n++].bytes;
  return {refs.begin(), refs.begin() + static_cast<std::ptrdiff_t>(n)};
}

step_contents contents_of(const base_record& record, std::size_t bytes) {
  step_contents c;
  c.entries = 1;
  c.entry_bytes = bytes;
  c.entry_digest = record.checksum;
  return c;
}

void remove_range(lmdb_cursor& at, stored_step& step, std::string_view prefix) {
  for (bool found = at.seek(prefix); found && at.key().starts_with(prefix); found = at.seek(prefix)) {
    step.contents -= contents_of(decoded_base(at.key(), at.value()), at.value().size());
    at.remove();
  }
}

void apply(
  lmdb_cursor& at, stored_step& step, std::string_view base_key, const group_overlay::entry& e, std::string& bytes) {
  if (at.seek(base_key) && at.key() == base_key) {
    step.contents -= contents_of(decoded_base(at.key(), at.value()), at.value().size());
    if (!e.value)
      at.remove();
  }
  if (!e.value)
    return;
  base_record record;
  record.checksum = encode_base_value(base_key, e.key, *e.value, bytes);
  at.put(base_key, bytes);
  step.contents += contents_of(record, bytes.size());
}

} // namespace

std::vector<fold_choice> choose_folds(
  const delta_index& index, const checkpoint_manifest& manifest, const fold_policy& policy, std::uint64_t budget) {
  std::vector<fold_choice> chosen;
  if (!due(index, manifest, policy))
    return chosen;
  std::vector<std::pair<std::uint64_t, delta_index::group_id>> by_weight;
  const bool too_many = index.count() > policy.most_deltas;
  for (const auto& [group, refs] : index.groups())
    if (too_many || has_keys(group.second))
      by_weight.emplace_back(weight(refs), group);
  std::sort(by_weight.rbegin(), by_weight.rend());
  std::uint64_t taken = 0;
  for (const auto& [ignored, group] : by_weight) {
    if (!chosen.empty() && taken >= budget)
      break;
    chosen.push_back({group, oldest(index.of(group), std::max<std::uint64_t>(budget - taken, 1))});
    for (const auto& ref : chosen.back().deltas)
      taken += ref.bytes;
  }
  return chosen;
}

void fold(lmdb_transaction& txn, stored_step& step, const fold_choice& choice) {
  const auto group = choice.group.second;
  // LMDB gives freed pages of this transaction to nobody before it ends, so the deltas stay readable while the base is written;
  // they are removed last.
  const group_overlay overlay{txn, step, group, choice.deltas};
  {
    lmdb_cursor at{txn, txn.environment().base()};
    if (overlay.hides_base())
      remove_range(at, step, base_prefix(step.id, group));
    std::string bytes;
    for (const auto& e : overlay.entries()) {
      auto base_key = base_prefix(step.id, group, e.place.state);
      base_key += e.place.form;
      apply(at, step, base_key, choice.superseded ? group_overlay::entry{e.place, e.key, {}} : e, bytes);
    }
  }
  for (const auto& ref : choice.deltas)
    txn.remove(txn.environment().deltas(), encoded(key_of(choice.group, ref)));
  step.contents -= overlay.read();
}

void remove_superseded(
  lmdb_transaction& txn, checkpoint_manifest& manifest, delta_index& index, const fold_policy& policy) {
  std::vector<fold_choice> chosen;
  for (const auto& [group, refs] : index.groups()) {
    if (has_keys(group.second) || (refs.size() > few_deltas && manifest.checkpoint % sometimes != 0))
      continue;
    const auto count = static_cast<std::ptrdiff_t>(count_superseded(txn, group, refs));
    std::vector<delta_ref> oldest{refs.begin(), refs.begin() + count};
    if (count > 0 && weight(oldest) >= policy.superseded_bytes)
      chosen.push_back({group, std::move(oldest), true});
  }
  for (const auto& choice : chosen) {
    fold(txn, manifest.step_of(manifest.step(choice.group.first)->uid), choice);
    index.remove_oldest(choice.group, choice.deltas.size());
  }
}

void remove_all(lmdb_transaction& txn, stored_step& step, const delta_index& index) {
  for (const auto& [group, refs] : index.groups())
    if (group.first == step.id)
      for (const auto& ref : refs)
        txn.remove(txn.environment().deltas(), encoded(key_of(group, ref)));
  lmdb_cursor at{txn, txn.environment().base()};
  remove_range(at, step, base_prefix(step.id, 0).substr(0, sizeof step.id));
  step.contents = {};
}

} // namespace leat
