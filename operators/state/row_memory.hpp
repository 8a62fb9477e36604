#pragma once

#include <leat/base/bytes.hpp>
#include <leat/messages/saved_state.hpp>
#include <leat/operators/state/state_layout.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

namespace leat {

/// How many rows fit into the memory that they may take, by what their entries took when they were written, and how many of them
/// wait to be stored. Not thread-safe.
class row_memory {
public:
  /// @param bytes about how many all rows may take.
  explicit row_memory(std::size_t bytes) noexcept : bytes_{bytes} {}

  /// An entry as it was written or read; its size stands for what the row holds elsewhere.
  void measure(const state_entry& entry) noexcept {
    measured_bytes_ += entry.key.size() + entry.value.size();
    ++measured_entries_;
  }

  /// A row, as it would be written.
  void measure(const state_layout& layout, const std::byte* states) {
    std::string value;
    byte_writer bytes{value};
    for (const auto& s : layout.slots())
      if (!s.empty(states + s.place.offset)) {
        value.clear();
        s.encode(bytes, states + s.place.offset);
        measure({s.name, {}, value});
      }
  }

  /// @param row what one takes by itself, in bytes. @param states how many it has.
  [[nodiscard]] std::size_t most_rows(std::size_t row, std::size_t states) const noexcept {
    return bytes_ / (row + (measured_entries_ == 0 ? 0 : states * (measured_bytes_ / measured_entries_)));
  }

  /// So many rows were written by a snapshot.
  void on_snapshot(std::uint32_t snapshot, std::size_t rows) {
    written_.emplace_back(snapshot, rows);
    unstored_ += rows;
  }

  /// Those of the snapshots up to this one are stored.
  void on_stored(std::uint32_t snapshot) {
    for (; !written_.empty() && written_.front().first <= snapshot; written_.pop_front())
      unstored_ -= written_.front().second;
  }

  /// How many rows snapshots wrote that are not stored yet.
  [[nodiscard]] std::size_t unstored() const noexcept { return unstored_; }

private:
  std::size_t bytes_;
  std::uint64_t measured_bytes_ = 0; // of entries, encoded
  std::uint64_t measured_entries_ = 0;
  std::deque<std::pair<std::uint32_t, std::size_t>> written_; // by snapshots that are not stored
  std::size_t unstored_ = 0;                                  // of those, rows
};

} // namespace leat
