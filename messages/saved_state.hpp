#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>

namespace leat {

struct encoded_type;

/// Whom an entry of saved state goes to when it is loaded, maybe by other actors than those that saved it.
enum class state_owner {
  key,   ///< the actor whose key groups have the key
  all,   ///< every actor of the step: what all have in common; or times in which they differ, as keys, of which a step
         ///< that is loaded takes the latest or the least
  anyone ///< one actor of the step, whichever: work that was under way
};

/// One entry of what a step keeps. Good for the call that it is given to.
struct state_entry {
  std::string_view state;               ///< which of the step's states, by its name
  std::string_view key{};               ///< encoded; unique in the state, over all actors, but where all have the same
  std::string_view value{};             ///< encoded
  state_owner owner = state_owner::key; ///< whom it goes to
  std::uint64_t hash = 0;               ///< of the key that it belongs to, when it belongs to one
};

/// One entry of what a step keeps, kept.
struct saved_entry {
  std::string state;
  std::string key;   ///< encoded
  std::string value; ///< encoded
  state_owner owner = state_owner::key;
  std::uint64_t hash = 0; ///< of the key that it belongs to

  [[nodiscard]] static saved_entry of(const state_entry& e) {
    return {std::string{e.state}, std::string{e.key}, std::string{e.value}, e.owner, e.hash};
  }
  [[nodiscard]] state_entry view() const noexcept { return {state, key, value, owner, hash}; }

  friend auto operator<=>(const saved_entry&, const saved_entry&) = default;
};

/// One of the states that a step may save, for whoever looks into what was saved.
struct state_description {
  std::string name;
  const std::type_info* type = nullptr; ///< the state's; of a broadcast state, its values'. Null: not known
  const encoded_type* key = nullptr;    ///< of the keys of its entries; null: not known
  const encoded_type* value = nullptr;  ///< of their values
  std::string kept_for{}; ///< what else they depend on, for a person: what was kept for something else is of no use
};

/// Where a step finds entries that it does not keep in memory: those of its in the last checkpoint that is stored. Belongs to one
/// actor; not thread-safe.
class stored_entries {
public:
  virtual ~stored_entries() = default;

  /// The value of an entry of a key group, good until the next call; none when there is no such entry.
  /// @param hash of the key that it belongs to. @throws state_error when what is read is damaged.
  [[nodiscard]] virtual std::optional<std::string_view>
  find(std::string_view state, std::uint64_t hash, std::string_view key) = 0;

  /// From now on the last checkpoint is the one that is stored by now.
  virtual void refresh() = 0;

  /// Nobody looks for anything soon: whatever is kept open for that is let go of.
  virtual void close() {}
};

/// Takes what a step saves, entry by entry; of what is said of one key, the last counts.
class state_writer {
public:
  virtual ~state_writer() = default;
  virtual void put(const state_entry& entry) = 0;

  /// The entry of this state and key, which was saved before, is gone; no value is looked at.
  virtual void remove(const state_entry& key) = 0;
};

} // namespace leat
