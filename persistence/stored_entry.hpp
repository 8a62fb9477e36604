#pragma once

#include <leat/messages/delta.hpp>
#include <leat/messages/saved_state.hpp>

#include <cstdint>
#include <functional>
#include <string_view>

namespace leat {

/// One entry of a checkpoint. The views are good for the call that it is given to.
struct stored_entry {
  std::string_view step;  ///< uid
  std::string_view state; ///< name
  std::uint16_t group = 0;
  std::string_view key;
  std::string_view value;

  /// Whom it goes to; that of a key group, to the actor that owns the group.
  [[nodiscard]] state_owner owner() const noexcept { return owner_of(group); }

  /// As the step has written it.
  [[nodiscard]] state_entry view() const noexcept { return {state, key, value, owner()}; }
};

/// Takes the entries of a checkpoint, one after the other.
using entry_visitor = std::function<void(const stored_entry&)>;

} // namespace leat
