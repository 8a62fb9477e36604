#pragma once

#include <leat/base/encoding.hpp>
#include <leat/base/time.hpp>
#include <leat/base/value_text.hpp>
#include <leat/messages/saved_state.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

namespace leat {

/// How the states that a step keeps for one key lie beside each other in one block of memory, a row: one table lookup per
/// record finds all of them, however many there are.
///
/// A slot is the place of one state in the row. Slots have `bool empty() const` and `timestamp expire(timestamp now)`, which
/// drops what has expired and returns when the rest will (`max_timestamp`: never), can be encoded, and say as `state` of which
/// type the state is that users see.
class state_layout {
public:
  /// One state of every row.
  struct slot {
    std::string name;
    std::size_t offset;
    void (*construct)(void*);
    void (*destroy)(void*) noexcept;
    bool (*empty)(const void*);
    timestamp (*expire)(void*, timestamp);
    void (*encode)(byte_writer&, const void*);
    void (*decode)(byte_reader&, void*);
    const std::type_info* type;
    state_description::text_of text;
  };

  /// Adds a state; before the first row is made. @returns where its slot lies in a row.
  template <class Slot>
  std::size_t add(std::string_view name) {
    static_assert(alignof(Slot) <= alignof(std::max_align_t));
    const auto offset = (size_ + alignof(Slot) - 1) / alignof(Slot) * alignof(Slot);
    size_ = offset + sizeof(Slot);
    slots_.push_back(
      {std::string{name}, offset, [](void* at) { new (at) Slot; },
       [](void* at) noexcept { std::destroy_at(static_cast<Slot*>(at)); },
       [](const void* at) { return static_cast<const Slot*>(at)->empty(); },
       [](void* at, timestamp now) { return static_cast<Slot*>(at)->expire(now); },
       [](byte_writer& to, const void* at) { encode(to, *static_cast<const Slot*>(at)); },
       [](byte_reader& from, void* at) { decode(from, *static_cast<Slot*>(at)); }, &typeid(typename Slot::state),
       decoded_text<Slot>});
    return offset;
  }

  /// The state of this name; null when none has been added.
  [[nodiscard]] const slot* find(std::string_view name) const {
    const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const slot& s) { return s.name == name; });
    return found == slots_.end() ? nullptr : &*found;
  }

  [[nodiscard]] const std::vector<slot>& slots() const noexcept { return slots_; }

  /// A row with every state empty.
  [[nodiscard]] std::byte* make_row() const {
    auto* const row = static_cast<std::byte*>(::operator new(std::max<std::size_t>(size_, 1)));
    for (const auto& s : slots_)
      s.construct(row + s.offset);
    return row;
  }

  void free_row(std::byte* row) const noexcept {
    for (const auto& s : slots_)
      s.destroy(row + s.offset);
    ::operator delete(row);
  }

  /// Whether no state of the row holds anything.
  [[nodiscard]] bool empty(const std::byte* row) const {
    return std::all_of(slots_.begin(), slots_.end(), [&](const slot& s) { return s.empty(row + s.offset); });
  }

  /// Drops what has expired. @returns when the next of the rest does.
  timestamp expire(std::byte* row, timestamp now) const {
    auto next = max_timestamp;
    for (const auto& s : slots_)
      next = std::min(next, s.expire(row + s.offset, now));
    return next;
  }

private:
  std::vector<slot> slots_;
  std::size_t size_ = 0;
};

} // namespace leat
