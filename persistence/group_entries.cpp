#include <leat/persistence/group_entries.hpp>

#include <leat/messages/delta.hpp>
#include <leat/persistence/store_format.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace leat {

namespace {

/// The first bytes, as a number that is greater when they come later; shorter ones are filled up with zeros.
std::uint64_t beginning_of(std::string_view form) noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i)
    number = number << 8U | (i < form.size() ? static_cast<unsigned char>(form[i]) : 0U);
  return number;
}

} // namespace

group_overlay::group_overlay(
  const lmdb_transaction& txn, const stored_step& step, std::uint16_t group, std::span<const delta_ref> refs) {
  std::uint64_t checkpoint = 0;
  std::size_t older = 0; // entries of checkpoints before this one
  for (const auto& ref : refs) {
    const auto key = encoded(key_of({step.id, group}, ref));
    const auto value = txn.get(txn.environment().deltas(), key);
    if (!value)
      throw damaged_record{fmt::format("a delta of checkpoint {} of step `{}` is missing", ref.checkpoint, step.name)};
    const auto record = decoded_delta(key, *value);
    read_.deltas += 1;
    read_.delta_bytes += value->size();
    read_.delta_digest += record.checksum;
    if (ref.checkpoint != checkpoint)
      older = entries_.size();
    checkpoint = ref.checkpoint;
    if (record.replaces) {
      hides_base_ = true;
      entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(older));
      older = 0;
    }
    add(step, record.bytes);
  }
  keep_newest();
}

void group_overlay::add(const stored_step& step, std::string_view bytes) {
  delta_reader in{bytes};
  std::vector<std::uint16_t> ids;
  while (const auto e = in.next()) {
    if (e->state == ids.size()) {
      const auto* state = step.state(in.states().back());
      if (state == nullptr)
        throw damaged_record{
          fmt::format("the manifest does not know state `{}` of step `{}`", in.states().back(), step.name)};
      ids.push_back(state->id);
    }
    entries_.push_back({{ids[e->state], form_of(e->key)}, e->key, e->value});
  }
}

/// What is sorted has the beginning of the key beside it: that decides nearly always, and the keys lie far apart.
void group_overlay::keep_newest() {
  struct ordered {
    std::uint64_t beginning; // of the form, as a number of its order
    std::uint32_t index;
    std::uint16_t state;
  };
  std::vector<ordered> order;
  order.reserve(entries_.size());
  for (const auto& e : entries_)
    order.push_back({beginning_of(e.place.form), static_cast<std::uint32_t>(order.size()), e.place.state});
  const auto compare = [this](const ordered& a, const ordered& b) -> std::strong_ordering {
    if (const auto by_state = a.state <=> b.state; by_state != 0)
      return by_state;
    if (const auto by_beginning = a.beginning <=> b.beginning; by_beginning != 0)
      return by_beginning;
    return entries_[a.index].place.form <=> entries_[b.index].place.form;
  };
  std::sort(order.begin(), order.end(), [&](const ordered& a, const ordered& b) {
    const auto by_place = compare(a, b);
    return by_place != 0 ? by_place < 0 : a.index < b.index;
  });
  std::vector<entry> newest;
  newest.reserve(order.size());
  for (auto o = order.begin(); o != order.end(); ++o)
    if (const auto next = std::next(o); next == order.end() || compare(*o, *next) != 0) // the last of equals
      newest.push_back(entries_[o->index]);
  entries_ = std::move(newest);
}

std::string_view group_overlay::form_of(std::string_view key) {
  return fits_base_key(key) ? key : long_forms_.emplace_back(base_form(key));
}

group_entries::group_entries(
  const lmdb_transaction& txn, const stored_step& step, std::uint16_t group, std::span<const delta_ref> refs,
  std::optional<std::uint16_t> state)
  : overlay_{txn, step, group, refs}, end_{overlay_.entries().size()},
    prefix_{state ? base_prefix(step.id, group, *state) : base_prefix(step.id, group)},
    cursor_{txn, txn.environment().base()}, read_{overlay_.read()} {
  if (state) {
    const auto& all = overlay_.entries();
    const auto [from, to] = std::equal_range(
      all.begin(), all.end(), group_overlay::entry{{*state, {}}, {}, {}},
      [](const auto& a, const auto& b) { return a.place.state < b.place.state; });
    at_ = static_cast<std::size_t>(from - all.begin());
    end_ = static_cast<std::size_t>(to - all.begin());
  }
  in_base_ = cursor_.seek(prefix_);
  read_base();
}

void group_entries::read_base() {
  in_base_ = in_base_ && cursor_.key().starts_with(prefix_);
  if (!in_base_)
    return;
  base_ = decoded_base(cursor_.key(), cursor_.value());
  base_place_ = {base_.state, cursor_.key().substr(store_format::base_key_head)};
  read_.entries += 1;
  read_.entry_bytes += cursor_.value().size();
  read_.entry_digest += base_.checksum;
}

std::optional<live_entry> group_entries::next() {
  for (;;) {
    const auto* newer = at_ < end_ ? &overlay_.entries()[at_] : nullptr;
    const bool take_base = in_base_ && (newer == nullptr || base_place_ < newer->place);
    if (!take_base && newer == nullptr)
      return std::nullopt;
    std::optional<live_entry> found;
    if (take_base) {
      if (!overlay_.hides_base())
        found = {base_place_, base_.key, base_.value};
    } else {
      ++at_;
      if (newer->value)
        found = {newer->place, newer->key, *newer->value};
    }
    if (take_base || (in_base_ && base_place_ == newer->place)) {
      in_base_ = cursor_.next();
      read_base();
    }
    if (found)
      return found;
  }
}

} // namespace leat
