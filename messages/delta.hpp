#pragma once

#include <leat/base/bytes.hpp>
#include <leat/messages/saved_state.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Entries that go to every actor, and those that go to one of them, lie in groups of their own.
inline constexpr std::uint16_t group_of_all = 0xffff;
inline constexpr std::uint16_t group_of_anyone = 0xfffe;

/// A delta that has reached this size is complete; a single entry may make it larger.
inline constexpr std::size_t delta_bytes = 1024 * 1024;

/// Whom the entries of a group go to.
[[nodiscard]] constexpr state_owner owner_of(std::uint16_t group) noexcept {
  if (group == group_of_all)
    return state_owner::all;
  return group == group_of_anyone ? state_owner::anyone : state_owner::key;
}

/// The group in the store of an entry that goes to this owner: one of the `max_parallelism` key groups, or, of what goes to
/// every actor or to any one, a group of its own.
std::uint16_t stored_group(state_owner owner, std::uint64_t hash, std::uint32_t max_parallelism) noexcept;

/// What has changed in one group of a step since the checkpoint before: entries that are new or have changed, and keys that
/// were removed. A checkpoint may have several of a group, from one actor or many: all of them count, and of a key that more
/// than one has the one that was added last.
struct delta {
  std::string step; ///< its uid
  std::uint16_t group = 0;
  bool replaces = false;           ///< these are all entries of the group: what earlier checkpoints had is gone
  std::vector<std::string> states; ///< names, in the order in which `bytes` first mentions them
  std::string bytes;               ///< entry by entry, as `delta_reader` reads them
  /// The value of the last entry, as the bytes that follow. Null: `bytes` has it.
  std::shared_ptr<const std::string> tail{};

  [[nodiscard]] std::size_t size() const noexcept { return bytes.size() + (tail ? tail->size() : 0); }
};

/// Fills a delta. The bytes are the format of the store (docs/formats/checkpoint_store.md), made where the state is, so that
/// the store copies them and does nothing more.
class delta_writer {
public:
  delta_writer(std::string step, std::uint16_t group, bool replaces = false);

  void put(std::string_view state, std::string_view key, std::string_view value);
  void remove(std::string_view state, std::string_view key);

  /// Puts a large value, which is shared and not copied, as the last entry, and takes the delta, however large it is.
  [[nodiscard]] delta take_with(std::string_view state, std::string_view key, std::shared_ptr<const std::string> value);

  [[nodiscard]] bool empty() const noexcept { return made_.bytes.empty(); }

  /// Whether it is large enough, about 1 MB: further entries go into another.
  [[nodiscard]] bool full() const noexcept;

  /// The delta; the writer is left with an empty one of the same step and group.
  [[nodiscard]] delta take();

private:
  void head(std::string_view state, bool removed);

  delta made_;
};

/// One entry of a delta. The views are good as long as the bytes are.
struct delta_entry {
  std::uint32_t state = 0; ///< index into the states of the delta
  std::string_view key;
  std::optional<std::string_view> value; ///< none: the key was removed
  std::size_t at = 0; ///< where the key stands in the bytes of the delta, as a text and before that of the value
};

/// Reads the bytes of a delta.
class delta_reader {
public:
  /// @param bytes outlive the reader.
  explicit delta_reader(std::string_view bytes) noexcept;

  /// @param of outlives the reader.
  explicit delta_reader(const delta& of) noexcept;

  /// The next entry; none at the end. @throws state_error when the bytes are no delta.
  std::optional<delta_entry> next();

  /// The names of the states that were mentioned so far.
  [[nodiscard]] const std::vector<std::string_view>& states() const noexcept { return states_; }

private:
  std::size_t size_; // but for the tail
  byte_reader in_;
  const std::string* tail_ = nullptr;
  std::vector<std::string_view> states_;
};

} // namespace leat
