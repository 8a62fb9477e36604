#pragma once

#include <leat/apps/leat/stored_types.hpp>
#include <leat/base/time.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace leat::cli {

/// Which entries of a state somebody wants, in that person's words. Keys are the user's; all conditions have to hold.
struct entry_conditions {
  std::optional<std::string> key;
  std::optional<std::string> key_prefix; ///< of text
  std::optional<std::string> key_from;   ///< this one or a greater one
  std::optional<std::string> key_to;     ///< a smaller one
  std::optional<timestamp> window_start;
  std::optional<timestamp> window_end;
  std::optional<timestamp> window_at; ///< a time in it

  [[nodiscard]] bool of_windows() const noexcept { return window_start || window_end || window_at; }
};

/// Decides which entries of a state are wanted.
///
/// A window is a record of the timestamps `start` and `end`: the key, a member `window` of the key, or a member `window` of the
/// elements of a list that is the value. Of such a list the elements whose windows are wanted stay. The slices of aggregated
/// windows are known by their start alone.
class entry_filter {
public:
  /// @param types outlive this.
  /// @param state its name, for messages.
  /// @throws config_error for a condition that entries of these types cannot meet, saying why.
  entry_filter(const entry_conditions& wanted, const stored_types& types, std::string_view state);

  /// The bytes of the key that is asked for; none: not one alone.
  [[nodiscard]] const std::optional<std::string>& key() const noexcept { return key_; }

  /// The value of an entry as it is to be shown; none: the entry is not wanted. Good until the next call.
  [[nodiscard]] std::optional<std::string_view> wanted(std::string_view key, std::string_view value);

private:
  enum class window_place { none, key, slice, values };

  void find_windows(const stored_types& types, std::string_view state);
  [[nodiscard]] bool wants_key(std::string_view key) const;
  [[nodiscard]] bool wants_window(const encoded_type& type, byte_reader from) const;
  [[nodiscard]] bool wants_slice(timestamp start) const;
  bool keep_windows(const encoded_type& type, byte_reader& from, std::string& to) const;

  entry_conditions conditions_;
  const stored_types& types_;
  std::optional<std::string> key_, from_, to_; // as bytes
  window_place place_ = window_place::none;
  std::string kept_; // of the last value
};

} // namespace leat::cli
