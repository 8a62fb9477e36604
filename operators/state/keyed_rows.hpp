#pragma once

#include <leat/base/encoding.hpp>
#include <leat/messages/saved_state.hpp>
#include <leat/operators/key_table.hpp>
#include <leat/operators/processing_clock.hpp>
#include <leat/operators/state/expiry_queue.hpp>
#include <leat/operators/state/key_filter.hpp>
#include <leat/operators/state/row_clock.hpp>
#include <leat/operators/state/row_memory.hpp>
#include <leat/operators/state/state_cursor.hpp>
#include <leat/operators/state/state_layout.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// The rows of all keys of one shard of a step. A key whose states are all empty has no row.
///
/// Rows stay where they are while their key has any state, and while all of them fit into memory: where what is stored can be
/// read, those that have not been used for long are freed once everything of them is stored, and made again when their key
/// comes. Which have changed since the last snapshot stands in a list, each once: the marks of a row say whether it is there. A
/// row that has become empty is put aside until the next snapshot when anything of it was saved, and taken again when its key
/// comes back. Not thread-safe.
template <class Key>
class keyed_rows final : public state_cursor {
public:
  /// @param stored where rows are found that are not in memory; null: all of them are. Else the layout is `cached`.
  /// @param memory about how many bytes they may take, with `stored`.
  keyed_rows(
    const state_layout& layout, const processing_clock& clock, stored_entries* stored = nullptr, std::size_t memory = 0)
    : state_cursor{clock, layout.marked()}, layout_{&layout}, stored_{stored}, memory_{memory} {}
  keyed_rows(const keyed_rows&) = delete;
  keyed_rows& operator=(const keyed_rows&) = delete;

  ~keyed_rows() {
    for (const auto& [key, r] : rows_)
      layout_->free_row(r.states);
    for (const auto& [key, states] : gone_)
      layout_->free_row(states);
  }

  /// Turns to a key, which has to stay alive until `release`.
  void select(const hashed_key<Key>& k) {
    key_ = &k.key;
    hash_ = k.hash;
    found_ = rows_.find(k);
    if (!found_ && stored_only_.may_hold(k.hash)) [[unlikely]]
      found_ = read(k);
    row_ = found_ ? found_->states : nullptr;
    if (row_ && stored_)
      state_layout::use_of(row_).used = true;
  }

  /// Turns away from the key: its row goes when nothing is left in it.
  void release() {
    if (cleared_ && row_ && layout_->empty(row_))
      drop();
    cleared_ = false;
    row_ = nullptr;
  }

  /// Drops what has expired by now, of some thousand keys at most: what is left is due again a millisecond later.
  void expire() {
    if (now() < next_expiry())
      return;
    std::size_t left = 2'048;
    typename expiry_queue<Key>::entry due;
    while (left != 0 && expiries_.pop(now(), due)) {
      const auto in_memory = rows_.size();
      select({due.key, due.hash});
      left -= std::min<std::size_t>(left, rows_.size() == in_memory ? 1 : 16); // one that was read takes longer
      if (row_) {
        found_->watched = max_timestamp;
        expire_row();
      }
      release();
    }
    rests_until_ = left == 0 ? now() + duration{1} : min_timestamp;
  }

  /// Frees rows that were not used for long, when all together take more memory than they may.
  /// @param looks at so many of them at most.
  void shrink(std::size_t looks = 2'048) {
    if (!stored_ || rows_.size() <= most_rows())
      return;
    const auto wanted = rows_.size() - most_rows();
    const auto may_go = [this](std::byte* row) {
      return state_layout::marks_of(row).changed == 0 && state_layout::use_of(row).snapshot <= stored_snapshots_;
    };
    rows_in_time_.sweep(std::min(looks, 4 * wanted + 64), wanted, may_go, [this](std::byte* row, std::uint64_t hash) {
      const auto* const found = rows_.find_if(hash, [row](const auto& e) { return e.second.states == row; });
      rows_.erase({found->first, hash});
      free_row(row);
      if (!stored_only_.may_hold(hash))
        stored_only_.add(hash);
    });
  }

  /// Instead of `load`: the entry stays where it is. @returns false when there is no such state, or nowhere to read it.
  bool leave_stored(const state_entry& entry) {
    const auto* const slot = stored_ ? layout_->find(entry.state) : nullptr;
    if (!slot)
      return false;
    const auto key = decoded<Key>(entry.key);
    const auto hash = key_hash(key);
    memory_.measure(entry);
    stored_only_.add(hash);
    if (slot->expires)
      watch_stored(*slot, entry.value, {key, hash});
    return true;
  }

  /// What the first `snapshots` calls of `save_changes` have written is stored.
  void on_stored(std::uint32_t snapshots) {
    if (!stored_)
      return;
    if (!closed_)
      stored_->refresh();
    stored_snapshots_ = snapshots;
    memory_.on_stored(snapshots);
    buried_.erase_if([snapshots](const auto& e) { return e.second <= snapshots; });
    shrink(32'768); // those that waited for this
  }

  /// What is stored is not kept open before the next look at it.
  void let_go() {
    if (stored_)
      stored_->close();
  }

  /// Nothing is read from now on.
  void close() {
    closed_ = true;
    let_go();
  }

  /// What has changed, and so has to be in memory, takes half of what rows may: a checkpoint would help.
  [[nodiscard]] bool wants_checkpoint() const { return stored_ && changed_.size() > most_rows() / 2; }

  /// What has changed, or is being stored, takes all that rows may: nothing can be freed before it is stored.
  [[nodiscard]] bool is_full() const { return stored_ && changed_.size() + memory_.unstored() > most_rows(); }

  /// Writes every state of every key that is not empty. All rows have to be in memory.
  void save(state_writer& to) const {
    assert(stored_only_.empty());
    for (const auto& [key, r] : rows_)
      save(key, r.states, ~std::uint32_t{0}, 0, to);
  }

  /// The same of what has changed since the last call, or since rows were loaded. Rows need marks.
  void save_changes(state_writer& to) {
    assert(marked_);
    ++snapshots_;
    for (const auto& c : changed_)
      if (const auto* const of = rows_.find_if(c.hash, [&c](const auto& e) { return e.second.states == c.states; })) {
        auto& marks = state_layout::marks_of(c.states);
        const auto left = save(of->first, c.states, marks.changed, marks.saved, to);
        marks.saved = (marks.saved & ~marks.changed) | left;
        marks.changed = 0;
        if (stored_)
          state_layout::use_of(c.states).snapshot = snapshots_;
      }
    for (const auto& [key, states] : gone_) {
      save(key, states, ~std::uint32_t{0}, state_layout::marks_of(states).saved, to);
      layout_->free_row(states);
      if (stored_)
        buried_[{key, key_hash(key)}] = snapshots_;
    }
    if (stored_)
      memory_.on_snapshot(snapshots_, changed_.size());
    changed_.clear();
    gone_.clear();
  }

  /// Takes back what was saved. @returns false when there is no such state.
  bool load(const state_entry& entry) {
    const auto* const slot = layout_->find(entry.state);
    if (!slot)
      return false;
    const auto key = decoded<Key>(entry.key);
    const hashed_key<Key> k{key, key_hash(key)};
    select(k);
    if (!row_)
      row_ = make_row();
    byte_reader value{entry.value};
    slot->decode(value, row_ + slot->place.offset);
    value.expect_end();
    if (marked_)
      state_layout::marks_of(row_).saved |= slot->place.mark;
    if (stored_) {
      memory_.measure(entry);
      state_layout::use_of(row_).snapshot = 1; // which writes everything that was loaded
    }
    expire_row();
    if (slot->empty(row_ + slot->place.offset))
      note_cleared(slot->place);
    release();
    return true;
  }

  /// When `expire` has something to do next; `max_timestamp`: never.
  [[nodiscard]] timestamp next_expiry() const noexcept { return std::max(expiries_.next(), rests_until_); }

  /// Of how many keys something expires.
  [[nodiscard]] std::size_t watched() const noexcept { return expiries_.size(); }

  /// How many keys have state in memory.
  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }

private:
  struct row {
    std::byte* states = nullptr;
    timestamp watched = max_timestamp; // when `expire` looks at it, as `expiries_` has it
  };
  struct changed_row {
    std::uint64_t hash; // of its key
    std::byte* states;
  };

  std::byte* make_row() override {
    assert(key_);
    const hashed_key<Key> k{*key_, hash_};
    auto* const states = take_gone(k);
    found_ = &rows_[k];
    found_->states = states ? states : layout_->make_row();
    if (stored_)
      rows_in_time_.add(found_->states, hash_);
    return found_->states;
  }

  /// The row of a key that has none in memory, from what is stored; null when nothing is.
  row* read(const hashed_key<Key>& k) {
    if (gone_.find(k) || buried_.find(k))
      return nullptr; // what is stored is no more
    const auto key = encoded(k.key);
    row* found = nullptr;
    for (const auto& s : layout_->slots())
      if (const auto value = stored_->find(s.name, k.hash, key)) {
        if (!found) {
          found = &rows_[k];
          found->states = layout_->make_row();
          found->watched = expiries_.of(k);
          rows_in_time_.add(found->states, k.hash);
        }
        byte_reader bytes{*value};
        s.decode(bytes, found->states + s.place.offset);
        bytes.expect_end();
        state_layout::marks_of(found->states).saved |= s.place.mark;
      }
    return found;
  }

  /// Has an entry that stays stored looked at when something in it expires.
  void watch_stored(const state_layout::slot& slot, std::string_view stored, const hashed_key<Key>& k) {
    const auto free = [this](std::byte* states) { layout_->free_row(states); };
    const std::unique_ptr<std::byte, decltype(free)> scratch{layout_->make_row(), free};
    byte_reader value{stored};
    slot.decode(value, scratch.get() + slot.place.offset);
    const auto next = slot.expire(scratch.get() + slot.place.offset, min_timestamp).next;
    if (next != max_timestamp)
      expiries_.watch(next, k);
  }

  /// What the states of a row hold elsewhere is taken for as much as their bytes when they are encoded.
  [[nodiscard]] std::size_t most_rows() const {
    constexpr std::size_t of_allocation = 16, of_clock = 2 * 16, of_table = 2 * sizeof(typename key_table<Key, row>::entry);
    return memory_.most_rows(layout_->row_bytes() + of_allocation + of_clock + of_table, layout_->slots().size());
  }

  /// The row of a key that comes back; null when nothing of it was saved.
  std::byte* take_gone(const hashed_key<Key>& k) {
    auto* const found = gone_.empty() ? nullptr : gone_.find(k);
    if (!found)
      return nullptr;
    auto* const states = *found;
    gone_.erase(k);
    return states;
  }

  void watch_expiry(timestamp when) override {
    if (when >= found_->watched)
      return; // it is looked at before that, and then again
    found_->watched = when;
    expiries_.watch(when, {*key_, hash_});
  }

  void list_changed() override {
    state_layout::marks_of(row_).position = static_cast<std::uint32_t>(changed_.size());
    changed_.push_back({hash_, row_});
    // Before the first snapshot nobody knows how large rows are.
    if (stored_ && changed_.size() % 1'024 == 0)
      memory_.measure(*layout_, changed_[changed_.size() / 2].states);
  }

  /// Drops what has expired in the row that is turned to.
  void expire_row() {
    std::uint32_t dropped = 0;
    if (const auto next = layout_->expire(row_, now(), dropped); next != max_timestamp)
      watch_expiry(next);
    if (dropped == 0)
      return;
    cleared_ = true;
    if (marked_)
      note_changed(dropped);
  }

  /// A row goes that is in memory.
  void free_row(std::byte* row) {
    if (stored_)
      rows_in_time_.remove(row);
    layout_->free_row(row);
  }

  /// The row that is turned to has become empty.
  void drop() {
    const hashed_key<Key> k{*key_, hash_};
    if (found_->watched != max_timestamp)
      expiries_.erase(k);
    if (marked_ && state_layout::marks_of(row_).saved != 0) {
      gone_[k] = row_;
      if (stored_)
        rows_in_time_.remove(row_);
    } else {
      if (marked_ && state_layout::marks_of(row_).changed != 0)
        unlist(state_layout::marks_of(row_).position);
      free_row(row_);
    }
    rows_.erase(k);
  }

  void unlist(std::uint32_t position) {
    state_layout::marks_of(changed_.back().states).position = position;
    changed_[position] = changed_.back();
    changed_.pop_back();
  }

  /// Writes the states of a row that have one of `marks`; those that are empty and have one of `removed` as removed.
  /// @returns the marks of those that are not empty.
  std::uint32_t
  save(const Key& of, const std::byte* states, std::uint32_t marks, std::uint32_t removed, state_writer& to) const {
    const auto key = encoded(of);
    const auto hash = key_hash(of);
    std::string value;
    std::uint32_t left = 0;
    for (const auto& s : layout_->slots()) {
      if ((s.place.mark & marks) == 0)
        continue;
      if (s.empty(states + s.place.offset)) {
        if ((s.place.mark & removed) != 0)
          to.remove({s.name, key, {}, state_owner::key, hash});
        continue;
      }
      left |= s.place.mark;
      value.clear();
      byte_writer bytes{value};
      s.encode(bytes, states + s.place.offset);
      const state_entry entry{s.name, key, value, state_owner::key, hash};
      if (stored_)
        memory_.measure(entry);
      to.put(entry);
    }
    return left;
  }

  const state_layout* layout_;
  key_table<Key, row> rows_;
  expiry_queue<Key> expiries_;            // also of keys whose rows are only stored
  timestamp rests_until_ = min_timestamp; // `expire` has left something
  std::vector<changed_row> changed_;      // since the last snapshot
  key_table<Key, std::byte*> gone_;       // of those, rows in which nothing is left

  stored_entries* const stored_; // null: all rows are in memory
  mutable row_memory memory_;
  row_clock rows_in_time_;
  key_filter stored_only_;               // keys that may have state and no row
  std::uint32_t snapshots_ = 0;          // so many calls of `save_changes`
  std::uint32_t stored_snapshots_ = 0;   // of these, so many are stored
  key_table<Key, std::uint32_t> buried_; // keys without state, and the snapshot that says so, until it is stored
  bool closed_ = false;                  // nothing is read any more

  const Key* key_ = nullptr;
  std::uint64_t hash_ = 0;
  row* found_ = nullptr; // of that key; null when there is none
};

} // namespace leat
