#pragma once

#include <leat/base/encoding.hpp>
#include <leat/messages/saved_state.hpp>
#include <leat/operators/key_table.hpp>
#include <leat/operators/processing_clock.hpp>
#include <leat/operators/state/state_layout.hpp>
#include <leat/operators/state/timer_queue.hpp>

#include <cassert>
#include <cstddef>
#include <string>

namespace leat {

/// The row of the key that is being worked on, as the state handles of a step see it.
class state_cursor {
public:
  /// Where the slot at `offset` lies; null when the key has no row.
  template <class Slot>
  [[nodiscard]] Slot* find(std::size_t offset) const noexcept {
    return row_ ? reinterpret_cast<Slot*>(row_ + offset) : nullptr;
  }

  /// The same for writing: makes the row when there is none.
  template <class Slot>
  [[nodiscard]] Slot& at(std::size_t offset) {
    if (!row_)
      row_ = make_row();
    return *reinterpret_cast<Slot*>(row_ + offset);
  }

  /// Something in the row expires at `when`: it has to be dropped by then even if nobody asks for it.
  void expires(timestamp when) {
    if (when != max_timestamp)
      watch_expiry(when);
  }

  /// A state may have become empty, and with it the row.
  void note_cleared() noexcept { cleared_ = true; }

  /// Processing time, which expiry goes by.
  [[nodiscard]] timestamp now() const noexcept { return clock_->now(); }

protected:
  explicit state_cursor(const processing_clock& clock) noexcept : clock_{&clock} {}
  ~state_cursor() = default;

  virtual std::byte* make_row() = 0;
  virtual void watch_expiry(timestamp when) = 0;

  std::byte* row_ = nullptr;
  bool cleared_ = false;

private:
  const processing_clock* clock_;
};

/// The rows of all keys of one shard of a step. A key whose states are all empty has no row.
///
/// Rows stay where they are while their key has any state. Not thread-safe.
template <class Key>
class keyed_rows final : public state_cursor {
public:
  keyed_rows(const state_layout& layout, const processing_clock& clock) : state_cursor{clock}, layout_{&layout} {}
  keyed_rows(const keyed_rows&) = delete;
  keyed_rows& operator=(const keyed_rows&) = delete;

  ~keyed_rows() {
    for (const auto& [key, r] : rows_)
      layout_->free_row(r.states);
  }

  /// Turns to a key, which has to stay alive until `release`.
  void select(const hashed_key<Key>& k) {
    key_ = &k.key;
    hash_ = k.hash;
    const auto* const found = rows_.find(k);
    row_ = found ? found->states : nullptr;
  }

  /// Turns away from the key: its row goes when nothing is left in it.
  void release() {
    if (cleared_ && row_ && layout_->empty(row_))
      drop(hashed_key<Key>{*key_, hash_});
    cleared_ = false;
    row_ = nullptr;
  }

  /// Drops what has expired by now, of all keys.
  void expire() {
    typename timer_queue<Key>::timer due;
    while (expiries_.pop(now(), due)) {
      const hashed_key<Key> k{due.key, due.hash};
      auto* const found = rows_.find(k);
      if (!found)
        continue;
      found->watched = layout_->expire(found->states, now());
      if (layout_->empty(found->states))
        drop(k);
      else if (found->watched != max_timestamp)
        expiries_.set(found->watched, k);
    }
  }

  /// Writes every state of every key that is not empty.
  void save(state_writer& to) const {
    std::string key;
    std::string value;
    for (const auto& [k, r] : rows_) {
      key = encoded(k);
      const auto hash = key_hash(k);
      for (const auto& s : layout_->slots()) {
        if (s.empty(r.states + s.offset))
          continue;
        value.clear();
        byte_writer bytes{value};
        s.encode(bytes, r.states + s.offset);
        to.put({s.name, key, value, state_owner::key, hash});
      }
    }
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
    slot->decode(value, row_ + slot->offset);
    value.expect_end();
    expires(layout_->expire(row_, now()));
    note_cleared();
    release();
    return true;
  }

  /// When `expire` has something to do next; `max_timestamp`: never.
  [[nodiscard]] timestamp next_expiry() const noexcept { return expiries_.next(); }

  /// How many keys have state.
  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }

private:
  struct row {
    std::byte* states = nullptr;
    timestamp watched = max_timestamp; // when `expire` looks at it
  };
  std::byte* make_row() override {
    assert(key_);
    auto* const states = layout_->make_row();
    rows_[hashed_key<Key>{*key_, hash_}].states = states;
    return states;
  }

  void watch_expiry(timestamp when) override {
    auto& r = *rows_.find(hashed_key<Key>{*key_, hash_});
    if (when >= r.watched)
      return; // it is looked at before that, and then again
    r.watched = when;
    expiries_.set(when, hashed_key<Key>{*key_, hash_});
  }

  void drop(const hashed_key<Key>& k) {
    layout_->free_row(rows_.find(k)->states);
    rows_.erase(k);
  }

  const state_layout* layout_;
  key_table<Key, row> rows_;
  timer_queue<Key> expiries_;
  const Key* key_ = nullptr;
  std::uint64_t hash_ = 0;
};

} // namespace leat
