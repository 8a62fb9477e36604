#pragma once

#include <leat/base/metrics.hpp>
#include <leat/connectors/files/letter_files.hpp>
#include <leat/connectors/files/rolling_file.hpp>
#include <leat/connectors/formats/format.hpp>
#include <leat/connectors/refusal_log.hpp>
#include <leat/connectors/sink.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace leat {

/// Encodes batches into a row of files, and what has no form in the format into another.
class file_sink_writer final : public sink_writer {
public:
  /// What a writer is made of.
  struct parts {
    rolling_options files;
    rolling_options letters;
    bool writes_letters = true; ///< otherwise they are counted only
    std::unique_ptr<encoder> encoding;
    std::shared_ptr<alarm_clock> disk;
    waker wake;
    metric* bytes_out = nullptr;
    metrics* notes = nullptr; ///< why the first record was refused
  };

  explicit file_sink_writer(parts with);

  std::size_t write(const batch_base& in, std::size_t from) override;
  std::uint64_t mark() override;
  std::uint64_t finish() override;
  std::uint64_t delivered() override;
  [[nodiscard]] std::uint64_t rejected() const override { return rejected_; }

private:
  void put_aside(const std::vector<rejection>& refused);

  const parts with_;
  refusal_log refusals_;
  rolling_file files_;
  std::optional<letter_files> letters_; // none before the first
  encoded_records lines_;
  std::vector<rejection> refused_;
  std::uint64_t rejected_ = 0;
  std::uint64_t segment_ = 0;
};

/// Writes the letters that reach a dead-letter sink.
class letter_file_writer final : public sink_writer {
public:
  letter_file_writer(rolling_options to, std::shared_ptr<alarm_clock> disk, waker wake)
    : letters_{std::move(to), std::move(disk), std::move(wake)} {}

  std::size_t write(const batch_base& in, std::size_t from) override;
  std::uint64_t mark() override;
  std::uint64_t finish() override;
  std::uint64_t delivered() override;

private:
  letter_files letters_;
  std::uint64_t segment_ = 0;
};

} // namespace leat
