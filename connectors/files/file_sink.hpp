#pragma once

#include <leat/connectors/files/epochs/disk_work.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/sink.hpp>

#include <functional>
#include <memory>
#include <string>

namespace leat {

struct file_sink_options {
  std::string folder;
  std::size_t roll_at = 128 * 1024 * 1024; ///< bytes after which a file is complete; the last record may go beyond
  duration roll_after = 5min;              ///< age after which it is, also when no record comes any more
  std::string letters{};                   ///< folder for dead letters; empty: `<job>-dead-letters`
  disk_work disk{}; ///< for tests: what waits for the disk, exactly once; none: a thread of the sink's
  std::function<void(epoch_step)> passes{}; ///< for tests: is told of each step, exactly once
};

/// Writes records as lines to files of a folder: `part-<start of the run>-<writer>-<number>.<format>`.
///
/// A file in progress is called `.<name>.inprogress`, which `file_source`, the shell and most readers leave out. It gets its
/// name when it is complete: by size, by age, or when the job ends or is stopped. The folder is made when it is not there.
///
/// **Delivered** is a record when the file it is in has been given to the disk with `fdatasync`, and the file's name with an
/// `fsync` of the folder: it survives the crash of the program and of the machine, though the file may still be in progress.
/// At the end all files are complete before the last records count as delivered.
///
/// **After a crash** the next run completes the files in progress that it finds in the folder: a half-written last record is
/// cut off (it was never delivered), and the file gets its name. What its source reads again comes again, in new files: at
/// least once.
///
/// **Exactly once** (`transactional_writer`), files are called `<job>-<hash of job and uid>-<writer>-<epoch>.<format>`, and hold
/// whole epochs: by size or age a file is complete when the next epoch ends, and gets its name when the checkpoint of that is
/// durable. Readers of complete files see each record once; after a crash, what the checkpoint has is completed, and
/// the rest removed. One instance of a job writes at a time: a second one that does so on the same machine is refused by a lock
/// (flock), one on another machine by the same lock where the file system is shared and has locks; no file is ever replaced.
/// See connectors/files/epochs/.
///
/// **Errors** (no permission, no space, a failing disk) end the job and name the file. What a format cannot hold (NaN in
/// JSON) becomes a dead letter in files of its own.
///
/// Metric: `bytes_out` of each writer.
class file_sink final : public sink {
public:
  /// @param written_as outlives the sink, and so does `of`.
  file_sink(file_sink_options options, const format& written_as, const schema& of);
  ~file_sink() override;

  void open(const connector_context& context) override;
  std::unique_ptr<sink_writer> make_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override;
  std::unique_ptr<transactional_writer>
  make_transactional_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override;
  [[nodiscard]] std::string dead_letters_in() const override;

private:
  struct opened;

  const file_sink_options options_;
  const format& format_;
  const schema& schema_;
  std::unique_ptr<opened> opened_; // set by open
};

/// Writes the dead letters of a source as lines of JSON to files of a folder. See docs/formats/dead_letters.md.
class file_dead_letter_sink final : public sink {
public:
  /// @param folder empty: `<job>-dead-letters`. It is made with the first letter.
  explicit file_dead_letter_sink(std::string folder);
  ~file_dead_letter_sink() override;

  void open(const connector_context& context) override;
  std::unique_ptr<sink_writer> make_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override;
  [[nodiscard]] std::string dead_letters_in() const override;

private:
  struct opened;

  const std::string folder_;
  std::unique_ptr<opened> opened_; // set by open
};

} // namespace leat
