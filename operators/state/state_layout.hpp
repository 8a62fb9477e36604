#pragma once

#include <leat/base/time.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// How the states that a step keeps for one key lie beside each other in one block of memory, a row: one table lookup per
/// record finds all of them, however many there are.
///
/// A slot is the place of one state in the row. Slots have `bool empty() const` and `timestamp expire(timestamp now)`, which
/// drops what has expired and returns when the rest will (`max_timestamp`: never).
class state_layout {
public:
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
       [](void* at, timestamp now) { return static_cast<Slot*>(at)->expire(now); }});
    return offset;
  }

  /// Whether a state of this name has been added.
  [[nodiscard]] bool has(std::string_view name) const {
    return std::any_of(slots_.begin(), slots_.end(), [&](const slot& s) { return s.name == name; });
  }

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
  struct slot {
    std::string name;
    std::size_t offset;
    void (*construct)(void*);
    void (*destroy)(void*) noexcept;
    bool (*empty)(const void*);
    timestamp (*expire)(void*, timestamp);
  };

  std::vector<slot> slots_;
  std::size_t size_ = 0;
};

} // namespace leat
