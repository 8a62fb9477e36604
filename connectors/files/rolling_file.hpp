#pragma once

#include <leat/base/time.hpp>
#include <leat/connectors/alarm_clock.hpp>
#include <leat/connectors/files/open_file.hpp>
#include <leat/connectors/formats/format.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace leat {

/// Where records are written, and when a file is complete.
struct rolling_options {
  std::string step; ///< for errors
  std::string folder;
  std::string name;      ///< files are `<name>-1<extension>`, `<name>-2<extension>`, …: nobody else's name
  std::string extension; ///< ".json"
  std::string header;    ///< the first line of each file; empty: none
  std::size_t roll_at = 0;
  duration roll_after{};
};

/// What a file is called until it is complete, in the same folder: `.<name>.inprogress`. Hidden, so that no reader takes it.
[[nodiscard]] std::string in_progress_name(const std::string& name);

/// Writes lines to one file after the other.
///
/// Bytes are given to the operating system at once, and are on the disk after a `mark`: what waits for the disk, and the
/// renaming, is done on the thread of an alarm clock, in order. A file is locked (flock) for as long as it is in progress, so
/// that nobody takes it for one that a crash has left.
///
/// Lives in one sink's actor; not thread-safe.
class rolling_file {
public:
  /// @param disk waits for the disk; outlives this.
  /// @param wake calls when a segment may be on the disk, or writing has failed, or the age of the file is reached.
  /// @param before the segments that were closed before there was anything to write: they count as stored.
  rolling_file(rolling_options options, std::shared_ptr<alarm_clock> disk, waker wake, std::uint64_t before = 0);

  /// Writes lines, with a line break behind each; empty ones are left out.
  /// @throws connector_error when the operating system does not take them. Half a line may be left then, for the next run to cut off.
  void write(const encoded_records& lines);

  /// Closes a segment: its number is reported once all that was written so far is on the disk.
  void mark(std::uint64_t segment);

  /// Completes the present file when it is old enough.
  void roll_if_old();

  /// Completes the present file, if there is one.
  void roll();

  /// The last segment on the disk, with all before it; what the constructor was told before the first. Never goes back.
  /// @throws connector_error when something could not be stored or renamed.
  [[nodiscard]] std::uint64_t stored() const;

private:
  /// What the disk's thread writes to. Outlives the writer while there is something to do.
  struct progress {
    explicit progress(std::uint64_t before) : stored{before} {}

    std::mutex m;
    std::uint64_t stored; // guarded by m, as is what follows
    std::string failure;
  };

  /// The file in progress.
  struct current {
    open_file file;
    std::string name;
    std::int64_t size = 0;
    std::chrono::steady_clock::time_point opened;
  };

  void begin();
  [[nodiscard]] std::shared_ptr<current> create();
  void append_lines();
  void append(std::string_view bytes);
  void on_disk(std::function<void()> work);

  const rolling_options options_;
  const std::shared_ptr<alarm_clock> disk_;
  const waker wake_;
  const std::shared_ptr<progress> progress_;
  std::shared_ptr<current> current_; // null: the next record begins a file
  std::uint64_t last_number_ = 0;
  std::string lines_; // of the present call
};

} // namespace leat
