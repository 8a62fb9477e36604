#pragma once

#include <leat/base/metrics.hpp>
#include <leat/connectors/files/file_facts.hpp>
#include <leat/connectors/files/file_search.hpp>
#include <leat/connectors/files/file_watch.hpp>
#include <leat/connectors/files/open_file.hpp>
#include <leat/connectors/files/record_buffer.hpp>
#include <leat/connectors/files/resumed_files.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/record_intake.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace leat {

/// What the readers of one source share.
struct file_reading {
  std::string step;
  const format* read_as = nullptr;
  const schema* of = nullptr;
  std::shared_ptr<const timestamp_assigner> event_time; ///< null: the time of reading
  time_bounds bounds;
  std::size_t longest = 0; ///< bytes of a line
  bool origins = false;    ///< see `connector_context::origins`
  std::shared_ptr<file_search> search;
  std::shared_ptr<file_watch> watch; ///< null: files are read to their ends, not followed
  std::shared_ptr<std::atomic<int>> open_files = std::make_shared<std::atomic<int>>(0);

  [[nodiscard]] bool has_header() const { return !read_as->header(*of).empty(); }
};

/// Reads one file: to the end that it had at the start, or following it.
///
/// A followed file that is renamed or removed is read until nobody has written to it for 10 looks of the watch: then the reader
/// closes it and goes on with the new file of its name. One that stays as it is is closed after 50 looks, and opened again when
/// it has changed, by whatever name it has in its folder then. A bounded one is open only while it is read from, and so is a
/// followed one while the source has more than 200 open: there may be thousands of files.
///
/// Reading a regular file does not wait for anybody but the disk; on a network file system that is slow, neither does a
/// reader read more than a block at a time.
class file_reader final : public partition_reader {
public:
  /// @param from where to go on; null: at the start.
  /// @param end bytes to read up to; none: follow.
  file_reader(
    std::shared_ptr<const file_reading> how, std::string path, const resumed_file* from, std::optional<std::int64_t> end,
    metric& bytes_in, time_refusals refusals, waker wake);
  ~file_reader() override;

  read_status read(batch_base& out, batch<dead_letter>& rejected) override;
  [[nodiscard]] std::int64_t position() const override { return buffer_.position(); }
  [[nodiscard]] std::string evidence() const override; // a file_bookmark
  void commit(std::int64_t, timestamp) override {}     // checkpoints keep positions, nothing else does
  [[nodiscard]] std::int64_t lag() const override;     // an estimate

private:
  void open();
  void read_header_again();
  void close();
  [[nodiscard]] bool too_many_open() const;
  [[nodiscard]] std::int64_t size() const;
  [[nodiscard]] bool fill();
  [[nodiscard]] bool collect(std::size_t stride, batch<dead_letter>& rejected);
  void take(const record_buffer::record& r, batch<dead_letter>& rejected);
  void start_decoding(std::string_view header);
  void give_up(std::string reason);
  [[nodiscard]] std::string too_long() const;
  void refuse(const record_buffer::record& r, std::string reason, batch<dead_letter>& rejected) const;
  void decode(batch_base& out, batch<dead_letter>& rejected);

  void take_rest(batch_base& out, batch<dead_letter>& rejected);
  [[nodiscard]] read_status at_end(batch_base& out, batch<dead_letter>& rejected);
  [[nodiscard]] read_status look_around(batch_base& out, batch<dead_letter>& rejected);
  read_status stay(const file_facts& now);
  [[nodiscard]] bool was_left();
  read_status wait(const std::optional<file_facts>& seen, std::uint64_t at_latest = file_watch::never);
  read_status begin_anew();

  const std::shared_ptr<const file_reading> how_;
  const std::string path_;
  const std::optional<std::int64_t> end_;
  metric& bytes_in_;
  const time_refusals refusals_;
  const waker wake_;

  open_file file_;
  std::optional<file_identity> identity_; // of the file that is read, once it was opened
  record_buffer buffer_;
  std::optional<record_intake> intake_; // none before the header
  std::string wrong_header_;            // why no line of this file can be decoded
  timestamp now_{};                     // of the present reading
  std::vector<raw_record> records_;     // of the present batch
  std::int64_t from_ = 0;               // where this run has begun in this file
  std::int64_t lines_ = 0;              // of this file since
  std::size_t taken_ = 0;               // lines of the present batch, refused ones included
  bool gone_ = false;                   // the path leads nowhere, and that was said
  std::uint64_t written_at_ = 0;        // the look at which bytes were read last
  std::uint64_t counted_look_ = 0;      // the last of quiet_looks_
  int quiet_looks_ = 0;                 // that found no byte, since the path leads elsewhere
};

} // namespace leat
