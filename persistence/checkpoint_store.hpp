#pragma once

#include <leat/messages/snapshot.hpp>
#include <leat/persistence/checkpoint_view.hpp>
#include <leat/persistence/delta_index.hpp>
#include <leat/persistence/fold.hpp>
#include <leat/persistence/manifest.hpp>
#include <leat/persistence/retained_checkpoints.hpp>
#include <leat/persistence/store_directory.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace leat {

class lmdb_environment;
class lmdb_transaction;

struct checkpoint_store_options {
  std::size_t map_bytes = std::size_t{1} << 40; ///< room for the file to grow, in address space; grows when it is used up
  fold_policy fold{};
  std::chrono::milliseconds patience{1'000}; ///< see `lmdb_environment::set_patience`
};

/// How a write went.
struct [[nodiscard]] write_result {
  enum class outcome {
    durable,
    disk_full, ///< or over a quota or a limit on the size of files
    io_error,
    map_full ///< and it could not be made larger, because views are open in this process
  };

  outcome what = outcome::durable;
  std::string text; ///< for a person: what went wrong, and what to do about it

  [[nodiscard]] explicit operator bool() const noexcept { return what == outcome::durable; }
};

struct fold_report {
  write_result written;
  std::uint64_t deltas = 0; ///< how many were moved
  std::uint64_t bytes = 0;  ///< of them
};

/// The checkpoints of one job in one directory: the file on disk *is* the last checkpoint. `begin`, `add` what each actor hands
/// over, `commit`: one write transaction of LMDB, so that a crash leaves the checkpoint before or this one and nothing else.
/// Between checkpoints the owner calls `fold_some`. docs/formats/checkpoint_store.md says what lies where.
///
/// A write that the disk refuses leaves the last checkpoint as it was and the store usable: what was handed over for the one
/// that failed has to be handed over again for the next. Damage that is found throws `state_error`.
///
/// One thread uses it, the one that made it or another. `view` is for any thread, and so is `retain`, which copies while the
/// owner writes. Views may outlive the store.
class checkpoint_store {
public:
  /// Opens the store of a directory, or makes an empty one where nothing is. Looks at every page of the file first.
  /// @throws state_error when the directory cannot be used or is in use; when the file is damaged; or when it is gone while
  /// what was beside it is still there.
  explicit checkpoint_store(const std::string& directory, checkpoint_store_options options = {});
  checkpoint_store(const checkpoint_store&) = delete;
  checkpoint_store& operator=(const checkpoint_store&) = delete;
  ~checkpoint_store();

  [[nodiscard]] const std::string& directory() const noexcept { return directory_.path(); }

  /// Of the last checkpoint that is durable; number 0 when there is none.
  [[nodiscard]] const checkpoint_manifest& manifest() const noexcept { return manifest_; }

  /// Begins to gather checkpoint `number`, greater than the last. @throws protocol_error when one is being gathered.
  void begin(std::uint64_t number);

  /// What of one actor changed since the last durable checkpoint. In memory until the commit.
  void add(std::shared_ptr<const actor_state> changes);

  /// Everything of this step that the last checkpoint holds is to go; for a step that the job has no more.
  void drop(std::string step);

  /// Writes what was gathered. Durable at return, unless the result says otherwise; either way nothing is gathered any more.
  /// @param description job, time, parallelism and steps; the store fills in the rest.
  /// @throws state_error when the checkpoints in the directory are another job's.
  write_result commit(const checkpoint_manifest& description);

  /// Gives up what was gathered.
  void abort() noexcept;

  /// Moves some deltas into the base when there are too many of them: about `budget` bytes in one transaction, which takes
  /// milliseconds. Does nothing otherwise. To be called between checkpoints until it has nothing to do, or the next one begins:
  /// one call a checkpoint may be less than what comes in.
  fold_report fold_some(std::uint64_t budget = 256 * 1024);

  /// The last checkpoint, for reading; while more are written.
  [[nodiscard]] checkpoint_view view(std::chrono::milliseconds max_age = checkpoint_view::default_max_age) const;

  /// Finds entries of a step in the last checkpoint; while more are written.
  [[nodiscard]] std::unique_ptr<stored_entries> lookup(const std::string& step, std::uint32_t max_parallelism) const;

  /// Every live entry once, verified: `checkpoint_view::restore`.
  void restore(const std::function<void(const stored_entry&)>& visit) const;

  /// Keeps a copy of the last checkpoint, see `retained_checkpoints`; durable and verified at return. Takes as long as reading
  /// and writing the file. @returns the number: that of the last checkpoint when the copy was begun.
  /// @throws state_error when it cannot be written.
  std::uint64_t retain(retained_checkpoints::copy kind = retained_checkpoints::copy::automatic) const;

private:
  void create_file() const;
  void load();
  write_result write(const std::function<void(lmdb_transaction&, checkpoint_manifest&, delta_index&)>& body);
  write_result failed(int code, const std::string& text);
  void recover();
  void follow_reopened();
  void append(lmdb_transaction& txn, checkpoint_manifest& next, delta_index& index) const;

  checkpoint_store_options options_;
  store_directory directory_;
  std::shared_ptr<lmdb_environment> env_;
  checkpoint_manifest manifest_; // as durable
  delta_index index_;            // as durable
  std::uint64_t reopened_ = 0;   // how often the file was, as far as these two know
  std::uint64_t gathering_ = 0;  // the checkpoint; 0: none
  std::vector<std::shared_ptr<const actor_state>> pending_;
  std::vector<std::string> dropped_;
};

} // namespace leat
