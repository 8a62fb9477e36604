#pragma once

#include <leat/base/metrics.hpp>
#include <leat/connectors/epochs/epoch_book.hpp>
#include <leat/connectors/files/epochs/aside_file.hpp>
#include <leat/connectors/files/epochs/disk_work.hpp>
#include <leat/connectors/files/epochs/shard_files.hpp>
#include <leat/connectors/files/letter_files.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/refusal_log.hpp>
#include <leat/connectors/source.hpp>
#include <leat/connectors/transactional_writer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace leat {

/// Writes the records of one actor to files that get their names once, when the checkpoint that holds them is durable.
///
/// Records go aside at once: the log of an epoch names the files, and how much of them counts. They are on the disk before a
/// checkpoint may name them, which is what `prepared` waits for; nothing is kept in memory, so there is always room.
///
/// Lives in one actor; not thread-safe. What waits for the disk is done by `disk_work`, and by nobody else.
class file_transactional_writer final : public transactional_writer {
public:
  struct parts {
    epoch_places places;
    epoch_rolling rolling;
    std::uint32_t shard = 0;
    std::uint32_t parallelism = 1;
    bool writes_letters = true; ///< otherwise they are counted only
    std::unique_ptr<encoder> encoding;
    disk_work disk;
    std::function<void(epoch_step)> passes; ///< for tests
    waker wake;
    metric* bytes_out = nullptr;
    metrics* notes = nullptr; ///< why the first record was refused
  };

  explicit file_transactional_writer(parts with);
  ~file_transactional_writer() override;

  void restore(std::uint64_t checkpoint, std::vector<saved_epoch_log> logs) override;
  [[nodiscard]] bool restored() override;
  std::size_t write(const batch_base& in, std::size_t from) override;
  [[nodiscard]] epoch_room room() const override { return epoch_room::plenty; }
  [[nodiscard]] std::string epoch_too_large() const override { return {}; }
  epoch_cut cut(std::uint64_t epoch) override { return end_epoch(epoch, false); }
  epoch_cut finish(std::uint64_t epoch) override { return end_epoch(epoch, true); }
  [[nodiscard]] bool prepared(std::uint64_t epoch) override;
  void commit(std::uint64_t epoch) override;
  std::uint64_t committed() override;
  [[nodiscard]] std::uint64_t rejected() const override { return rejected_; }

private:
  struct core;

  epoch_cut end_epoch(std::uint64_t epoch, bool last);
  void on_disk(std::function<void(core&)> work);
  void put_aside(const std::vector<rejection>& refused);

  const parts with_;
  const std::shared_ptr<core> core_; // the disk's too
  refusal_log refusals_;
  epoch_book book_;
  aside_file records_;
  aside_file letters_;
  letter_lines letter_lines_;
  std::vector<complete_file> complete_; // whose checkpoints are not durable, ascending
  std::uint64_t last_epoch_ = 0;        // that has ended
  bool restored_ = false;
  encoded_records lines_;
  std::vector<rejection> refused_;
  std::uint64_t rejected_ = 0;
};

} // namespace leat
