#pragma once

#include <leat/base/encoded/encoded_type_of.hpp>
#include <leat/base/encoding.hpp>
#include <leat/base/time.hpp>
#include <leat/messages/saved_state.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

namespace leat {

/// What has come of dropping what had expired.
struct expiry {
  timestamp next = max_timestamp; ///< when more does; `max_timestamp`: never
  bool dropped = false;           ///< whether there was anything
};

/// Where the slot of a state lies in a row, and the mark that stands for it in `row_marks`.
struct slot_place {
  std::size_t offset = 0;
  std::uint32_t mark = 0;
};

/// What is known of a row for the next snapshot; a bit for each slot. Lies right before the row, of steps that are asked for
/// changes.
struct alignas(std::max_align_t) row_marks {
  std::uint32_t changed = 0;  ///< since the last snapshot
  std::uint32_t saved = 0;    ///< an entry of the slot may have been saved
  std::uint32_t position = 0; ///< among the rows that have changed
};

/// What is known of a row that may be put out of memory. Lies right before the `row_marks`, of steps that need not keep all rows.
struct alignas(std::max_align_t) row_use {
  std::uint32_t place = 0; ///< in the `row_clock`
  std::uint32_t snapshot =
    0;              ///< which was the last to have anything of it; 0: it is as it was stored at the start, or read
  bool used = true; ///< since the hand of the clock has passed it
};

/// How the states that a step keeps for one key lie beside each other in one block of memory, a row: one table lookup per
/// record finds all of them, however many there are.
///
/// A slot is the place of one state in the row. Slots have `bool empty() const` and `expiry expire(timestamp now)`, which drops
/// what has expired, can be encoded, and say as `state` of which type the state is that users see.
class state_layout {
public:
  /// One state of every row.
  struct slot {
    std::string name;
    slot_place place;
    void (*construct)(void*);
    void (*destroy)(void*) noexcept;
    bool (*empty)(const void*);
    expiry (*expire)(void*, timestamp);
    void (*encode)(byte_writer&, const void*);
    void (*decode)(byte_reader&, void*);
    const std::type_info* type;
    const encoded_type* encoded;
    bool expires; ///< something in it may
  };

  /// @param marked whether rows have `row_marks`. @param cached whether they have `row_use` as well.
  explicit state_layout(bool marked = false, bool cached = false) noexcept
    : head_{(marked ? sizeof(row_marks) : 0) + (cached ? sizeof(row_use) : 0)}, marked_{marked}, cached_{cached} {}

  [[nodiscard]] bool marked() const noexcept { return marked_; }
  [[nodiscard]] bool cached() const noexcept { return cached_; }
  [[nodiscard]] static row_marks& marks_of(std::byte* row) noexcept {
    return *reinterpret_cast<row_marks*>(row - sizeof(row_marks));
  }
  [[nodiscard]] static row_use& use_of(std::byte* row) noexcept {
    return *reinterpret_cast<row_use*>(row - sizeof(row_marks) - sizeof(row_use));
  }

  /// Adds a state; before the first row is made. States behind the 31st share a mark.
  template <class Slot>
  slot_place add(std::string_view name, bool expires = false) {
    static_assert(alignof(Slot) <= alignof(std::max_align_t));
    const auto offset = (size_ + alignof(Slot) - 1) / alignof(Slot) * alignof(Slot);
    size_ = offset + sizeof(Slot);
    const slot_place place{offset, std::uint32_t{1} << std::min<std::size_t>(slots_.size(), 31)};
    slots_.push_back(
      {std::string{name}, place, [](void* at) { new (at) Slot; },
       [](void* at) noexcept { std::destroy_at(static_cast<Slot*>(at)); },
       [](const void* at) { return static_cast<const Slot*>(at)->empty(); },
       [](void* at, timestamp now) { return static_cast<Slot*>(at)->expire(now); },
       [](byte_writer& to, const void* at) { encode(to, *static_cast<const Slot*>(at)); },
       [](byte_reader& from, void* at) { decode(from, *static_cast<Slot*>(at)); }, &typeid(typename Slot::state),
       &encoded_type_of<Slot>(), expires});
    return place;
  }

  /// The state of this name; null when none has been added.
  [[nodiscard]] const slot* find(std::string_view name) const {
    const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const slot& s) { return s.name == name; });
    return found == slots_.end() ? nullptr : &*found;
  }

  [[nodiscard]] const std::vector<slot>& slots() const noexcept { return slots_; }

  /// A row with every state empty.
  [[nodiscard]] std::byte* make_row() const {
    auto* const row = static_cast<std::byte*>(::operator new(std::max<std::size_t>(head_ + size_, 1))) + head_;
    if (marked())
      new (&marks_of(row)) row_marks;
    if (cached())
      new (&use_of(row)) row_use;
    for (const auto& s : slots_)
      s.construct(row + s.place.offset);
    return row;
  }

  void free_row(std::byte* row) const noexcept {
    for (const auto& s : slots_)
      s.destroy(row + s.place.offset);
    ::operator delete(row - head_);
  }

  /// What a row takes, without what its states hold elsewhere.
  [[nodiscard]] std::size_t row_bytes() const noexcept { return head_ + size_; }

  /// Whether no state of the row holds anything.
  [[nodiscard]] bool empty(const std::byte* row) const {
    return std::all_of(slots_.begin(), slots_.end(), [&](const slot& s) { return s.empty(row + s.place.offset); });
  }

  /// Drops what has expired. @param dropped gets the marks of the slots in which something had.
  /// @returns when the next of the rest does.
  timestamp expire(std::byte* row, timestamp now, std::uint32_t& dropped) const {
    auto next = max_timestamp;
    for (const auto& s : slots_) {
      const auto of_slot = s.expire(row + s.place.offset, now);
      next = std::min(next, of_slot.next);
      if (of_slot.dropped)
        dropped |= s.place.mark;
    }
    return next;
  }

private:
  const std::size_t head_;
  const bool marked_;
  const bool cached_;
  std::vector<slot> slots_;
  std::size_t size_ = 0;
};

} // namespace leat
