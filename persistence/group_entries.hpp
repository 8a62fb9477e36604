#pragma once

#include <leat/persistence/delta_index.hpp>
#include <leat/persistence/lmdb/lmdb_environment.hpp>
#include <leat/persistence/manifest.hpp>
#include <leat/persistence/store_records.hpp>

#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Where an entry stands among those of its group.
struct entry_place {
  std::uint16_t state = 0;
  std::string_view form; ///< of its key, `base_form`

  friend auto operator<=>(const entry_place&, const entry_place&) = default;
};

/// The deltas of one group, laid over one another: of each key what the newest says. Reads and verifies all of them when it is
/// made. Views are good as long as this and the transaction.
class group_overlay {
public:
  struct entry {
    entry_place place;
    std::string_view key;
    std::optional<std::string_view> value; ///< none: removed
  };

  /// @param refs some of the group's, oldest first; of a checkpoint all or none.
  /// @throws state_error when one of them is damaged or missing.
  group_overlay(const lmdb_transaction& txn, const stored_step& step, std::uint16_t group, std::span<const delta_ref> refs);

  /// In the order of their places.
  [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }

  /// Whether what lies in the base does not count.
  [[nodiscard]] bool hides_base() const noexcept { return hides_base_; }

  /// The deltas that were read, as the manifest counts them.
  [[nodiscard]] const step_contents& read() const noexcept { return read_; }

private:
  void add(const stored_step& step, std::string_view bytes);
  void keep_newest();
  std::string_view form_of(std::string_view key);

  std::vector<entry> entries_;
  std::deque<std::string> long_forms_;
  step_contents read_;
  bool hides_base_ = false;
};

/// One live entry of a group. Good until the next.
struct live_entry {
  entry_place place;
  std::string_view key;
  std::string_view value;
};

/// Walks the live entries of a group in the order of their places: the base, with the deltas laid over it.
class group_entries {
public:
  /// @param state only entries of this state.
  group_entries(
    const lmdb_transaction& txn, const stored_step& step, std::uint16_t group, std::span<const delta_ref> refs,
    std::optional<std::uint16_t> state = std::nullopt);

  /// @throws state_error when what is read is damaged.
  std::optional<live_entry> next();

  /// What was read so far, as the manifest counts it; the deltas are from the beginning.
  [[nodiscard]] const step_contents& read() const noexcept { return read_; }

private:
  void read_base();

  group_overlay overlay_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::string prefix_;
  lmdb_cursor cursor_;
  bool in_base_ = false;
  base_record base_;
  entry_place base_place_;
  step_contents read_;
};

} // namespace leat
