#pragma once

#include <leat/base/time.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leat {

class lmdb_environment;

/// Copies of checkpoints beside the store, `retained/<number>.mdb`, or `retained/<number>-savepoint.mdb` for one that somebody
/// has asked for: each is one file, whole by itself, that may be carried elsewhere and read with
/// `checkpoint_view::open_copy`. Nothing is ever written to one again.
///
/// Thread-safe as far as the file system is; two that add the same checkpoint make the same file.
class retained_checkpoints {
public:
  /// @param directory the state directory.
  explicit retained_checkpoints(const std::string& directory);

  enum class copy {
    automatic, ///< that `keep_newest` may remove
    savepoint  ///< that stays until somebody removes it
  };

  /// Copies the last checkpoint. Written beside, to disk, read back as a whole, and only then given its name.
  /// @returns its number. @throws state_error when it cannot be written or is not what it should be.
  std::uint64_t add(const std::shared_ptr<lmdb_environment>& env, copy kind = copy::automatic) const;

  /// Removes copies that a crash has left unfinished; for the one who holds the directory.
  void remove_unfinished() const;

  /// Numbers of those that are there, ascending.
  [[nodiscard]] std::vector<std::uint64_t> list() const;

  /// The file of a checkpoint: its savepoint's, when there is one.
  [[nodiscard]] std::string path(std::uint64_t number) const;

  /// Reads one as a whole. @throws state_error when it is damaged or not there.
  void verify(std::uint64_t number) const;

  /// @throws state_error when it is not there.
  void remove(std::uint64_t number) const;

  /// How long ago the newest was made, by the time that the file system has of it; savepoints do not count. A clock that has been
  /// set back since makes it 0.
  [[nodiscard]] std::optional<duration> age_of_newest() const;

  /// Removes all but the newest so many; savepoints do not count and stay.
  void keep_newest(std::size_t count) const;

private:
  [[nodiscard]] std::string path(std::uint64_t number, copy kind) const;
  [[nodiscard]] std::vector<std::uint64_t> list(copy kind) const;

  std::string folder_;
};

} // namespace leat
