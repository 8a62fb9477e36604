#pragma once

#include <leat/messages/raw_records.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace leat {

/// Which raw record a record was made of. Does not keep it.
struct origin {
  const raw_records* in = nullptr; ///< null: nobody knows
  std::uint32_t index = 0;         ///< there

  explicit operator bool() const noexcept { return in != nullptr; }
  friend bool operator==(const origin&, const origin&) = default;
};

/// The same, and keeps it.
struct kept_origin {
  kept_origin() = default;
  explicit kept_origin(const origin& of) : in{of.in}, index{of.index} {}
  [[nodiscard]] origin get() const noexcept { return {in.get(), index}; }

  boost::intrusive_ptr<const raw_records> in;
  std::uint32_t index = 0;
};

/// Through how many reads one batch may keep raw records: so each holds a few megabytes at most.
inline constexpr std::size_t max_origin_reads = 16;

/// A batch's column of origins, which keeps what they are in. Only the records behind a source whose steps have dead letters
/// have one.
class origin_column {
public:
  [[nodiscard]] bool empty() const noexcept { return column_.empty(); }

  /// Whether it keeps so much that the batch is to be sent off.
  [[nodiscard]] bool full() const noexcept { return reads_.size() >= max_origin_reads; }

  [[nodiscard]] origin at(std::size_t slot) const noexcept { return slot < column_.size() ? column_[slot] : origin{}; }

  /// Of one slot more; those before it that were never told of are unknown.
  void set(std::size_t slot, const origin& from) {
    column_.resize(slot);
    column_.push_back(from);
    if (from && (reads_.empty() || reads_.back() != from.in))
      reads_.emplace_back(from.in);
  }

  /// For a batch that is thinned out: record `from` is record `to` from now on.
  void move(std::size_t from, std::size_t to) noexcept {
    if (to < column_.size())
      column_[to] = at(from);
  }

  void truncate(std::size_t size) {
    if (size < column_.size())
      column_.resize(size);
  }

  void clear() noexcept {
    column_.clear();
    reads_.clear();
  }

private:
  std::vector<origin> column_;                                 // may end early: the others are unknown
  std::vector<boost::intrusive_ptr<const raw_records>> reads_; // which `column_` points into
};

} // namespace leat
