#pragma once

#include <leat/connectors/sink.hpp>

#include <memory>
#include <string>

namespace leat {

/// Writes batches of `dead_letter` to Kafka: each letter to `<topic>-dlq` of the topic it was read from (of the job's
/// name, when it was read from none), with headers that say what is wrong and where it came from. See README.md.
///
/// A dead-letter topic is created with one partition when its first letter comes, where the user may.
class kafka_dead_letter_sink : public sink {
public:
  /// @param topic that the source reads, for `dead_letters_in`; each letter names its own.
  explicit kafka_dead_letter_sink(std::string topic);
  ~kafka_dead_letter_sink() override;

  void open(const connector_context& context) override;
  std::unique_ptr<sink_writer> make_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override;
  [[nodiscard]] std::string dead_letters_in() const override;

private:
  struct opened;
  const std::string topic_;
  std::unique_ptr<opened> opened_; // set by open
};

} // namespace leat
