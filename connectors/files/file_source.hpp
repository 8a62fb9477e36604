#pragma once

#include <leat/connectors/files/file_pattern.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/source.hpp>

#include <memory>
#include <string>
#include <vector>

namespace leat {

struct file_source_options {
  std::string pattern;               ///< a path, a folder, or a pattern of the shell
  bool follow = false;               ///< wait for more at the end, and for more files
  std::size_t longest = 1024 * 1024; ///< bytes of a line; longer ones become dead letters
};

/// Reads files of records, each file a partition whose position is the offset of a byte.
///
/// Reads what is there at the start, and ends; or follows: files that grow, and new ones that the pattern names. A line
/// without its line break is read when the file is read to its end, but waits in a followed file.
///
/// A job that goes on from a checkpoint reads each file on behind the last record that counted, by whatever name it has in its
/// folder now, and files that it does not know from their start. What a followed file may do while the job runs it may do
/// while it is down, when all of it was read. Any other change of what was read, and a file that is gone with records that were not,
/// is refused (`decide_file`), unless `files.accept-changes` is set. Without a checkpoint each run reads all.
///
/// A followed file that is renamed or removed is read until 10 looks have found nothing more in it, then the new one of its
/// name from its start; one that is cut is read again from its start; both are logged. A file is read once, also when it is
/// renamed to another name that the pattern has. What goes unnoticed is a file that is cut and written beyond its old end
/// between two looks.
///
/// Settings: `files.poll-interval`, `files.accept-changes`, `time.max-past`, `time.max-future`. Metric, one instance a file: `bytes_in`.
class file_source final : public source {
public:
  /// @param read_as outlives the source, and so does `of`.
  /// @param event_time none: the time of reading is the event time.
  file_source(
    file_source_options options, const format& read_as, const schema& of,
    std::shared_ptr<const timestamp_assigner> event_time);
  ~file_source() override;

  std::vector<partition> open(const connector_context& context) override;
  std::unique_ptr<partition_reader>
  make_reader(const partition& which, std::optional<std::int64_t> from, waker wake) override;
  void watch(const std::function<void(partition)>& on_new) override;
  [[nodiscard]] std::shared_ptr<const timestamp_assigner> event_times() const override { return event_time_; }
  [[nodiscard]] bool timed_by_reading() const override { return !event_time_; }

private:
  struct opened;

  const file_source_options options_;
  const format& format_;
  const schema& schema_;
  const std::shared_ptr<const timestamp_assigner> event_time_;
  std::unique_ptr<opened> opened_; // set by open
};

} // namespace leat
