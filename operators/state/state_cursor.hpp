#pragma once

#include <leat/operators/processing_clock.hpp>
#include <leat/operators/state/state_layout.hpp>

#include <cstddef>
#include <cstdint>

namespace leat {

/// The row of the key that is being worked on, as the state handles of a step see it.
class state_cursor {
public:
  /// Where a slot lies; null when the key has no row. What is changed there has to be said: by `expires` or `note_cleared`.
  template <class Slot>
  [[nodiscard]] Slot* find(const slot_place& of) const noexcept {
    return row_ ? reinterpret_cast<Slot*>(row_ + of.offset) : nullptr;
  }

  /// The same for writing: makes the row when there is none.
  template <class Slot>
  [[nodiscard]] Slot& at(const slot_place& of) {
    if (!row_)
      row_ = make_row();
    if (marked_) [[unlikely]]
      note_changed(of.mark);
    return *reinterpret_cast<Slot*>(row_ + of.offset);
  }

  /// Something in the slot now expires at `when`: it has to be dropped by then even if nobody asks for it.
  void expires(const slot_place& of, timestamp when) {
    if (when == max_timestamp)
      return;
    if (marked_)
      note_changed(of.mark);
    watch_expiry(when);
  }

  /// The state may have become empty, and with it the row.
  void note_cleared(const slot_place& of) {
    cleared_ = true;
    if (marked_)
      note_changed(of.mark);
  }

  /// Processing time, which expiry goes by.
  [[nodiscard]] timestamp now() const noexcept { return clock_->now(); }

protected:
  /// @param marked whether rows have marks.
  state_cursor(const processing_clock& clock, bool marked) noexcept : marked_{marked}, clock_{&clock} {}
  ~state_cursor() = default;

  virtual std::byte* make_row() = 0;
  virtual void watch_expiry(timestamp when) = 0;

  /// The first change of the row since the last snapshot.
  virtual void list_changed() = 0;

  /// Of rows with marks.
  void note_changed(std::uint32_t mark) {
    auto& marks = state_layout::marks_of(row_);
    if ((marks.changed & mark) == mark) [[likely]]
      return;
    if (marks.changed == 0)
      list_changed();
    marks.changed |= mark;
  }

  std::byte* row_ = nullptr;
  bool cleared_ = false;
  const bool marked_;

private:
  const processing_clock* clock_;
};

} // namespace leat
