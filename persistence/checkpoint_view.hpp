#pragma once

#include <leat/base/error.hpp>
#include <leat/base/time.hpp>
#include <leat/persistence/manifest.hpp>
#include <leat/persistence/stored_entry.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

class lmdb_environment;

/// A view is older than it may become.
class view_too_old : public state_error {
public:
  using state_error::state_error;
};

/// The last checkpoint as it was when this was made, whatever is written meanwhile: a read transaction. By any thread or
/// process, while the job writes; costs it nothing but room: pages that were in use then are not used again before the view is
/// gone. So its age is bounded: past `max_age` every call throws `view_too_old`, also in the middle
/// of a scan, and one takes a new view. What a
/// view holds is given back when it is destroyed or its process ends.
///
/// For one thread at a time.
class checkpoint_view {
public:
  static constexpr std::chrono::seconds default_max_age{60};

  /// The last checkpoint in a state directory. A file that nobody writes to is looked at as a whole first, since nobody vouches
  /// for it.
  /// @throws state_error when there is none, or it is damaged.
  static checkpoint_view open(const std::string& directory, std::chrono::milliseconds max_age = default_max_age);

  /// A retained checkpoint or a savepoint: one file, looked at as a whole first. Its age is not bounded.
  static checkpoint_view open_copy(const std::string& file);

  checkpoint_view(std::shared_ptr<lmdb_environment> env, std::chrono::milliseconds max_age);
  checkpoint_view(checkpoint_view&&) noexcept;
  checkpoint_view& operator=(checkpoint_view&&) noexcept;
  ~checkpoint_view();

  /// Steps with their states, and numbers. Checkpoint 0: there is none yet.
  [[nodiscard]] const checkpoint_manifest& manifest() const noexcept;

  /// The value of a key; none when it has none. `group` is the one that the key belongs to.
  /// @throws state_error when step or state are not there, something is damaged, or the view is too old; so do all below.
  [[nodiscard]] std::optional<std::string>
  get(std::string_view step, std::string_view state, std::uint16_t group, std::string_view key) const;

  /// Every entry of a state in the order of keys, over all groups or those for which `wanted` is true, until `visit` returns
  /// false. Keys longer than about 480 bytes that begin alike come in the order of a hash.
  void scan(
    std::string_view step, std::string_view state, const std::function<bool(const stored_entry&)>& visit,
    const std::function<bool(std::uint16_t group)>& wanted = {}) const;

  /// The groups of a step that may hold entries, ascending.
  [[nodiscard]] std::vector<std::uint16_t> groups(std::string_view step) const;

  /// Every entry that a state has in one group, in the order of keys. A walk over all groups takes the memory of the deltas of
  /// one; `scan` that of all of them.
  /// @returns false when `visit` did.
  bool scan_group(
    std::string_view step, std::string_view state, std::uint16_t group,
    const std::function<bool(const stored_entry&)>& visit) const;

  /// Every entry of every step once, group by group. Everything in the file is verified: checksums, and by the manifest that
  /// nothing is missing, added or old. What was visited before it throws must not be used.
  void restore(const std::function<void(const stored_entry&)>& visit) const;

private:
  struct parts;
  void check_age() const;
  const stored_step& step_of(std::string_view uid) const;
  static const stored_state& state_of(const stored_step& step, std::string_view name);
  std::vector<std::uint16_t> groups_of(const stored_step& step) const;
  void restore_all(const std::function<void(const stored_entry&)>& visit) const;
  void restore(const stored_step& step, const std::function<void(const stored_entry&)>& visit) const;

  std::unique_ptr<parts> parts_;
};

} // namespace leat
