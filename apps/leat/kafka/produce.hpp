#pragma once

#include <leat/apps/leat/kafka/interruption.hpp>
#include <leat/apps/leat/kafka/latency_histogram.hpp>
#include <leat/apps/leat/kafka/line_record.hpp>
#include <leat/apps/leat/text_table.hpp>
#include <leat/base/settings.hpp>
#include <leat/connectors/kafka/blocking/reporting_producer.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace leat::cli {

/// What somebody wants to be sent.
struct produce_wish {
  std::string topic;
  std::string input = "-"; ///< a file; "-": standard input
  line_rules rules;
  std::vector<kafka_header> headers; ///< of each record
  std::int32_t partition = -1;       ///< -1: by the key
  std::optional<double> rate;        ///< records a second; none: as quickly as they are taken
  producer_options sending;
};

/// What came of it.
struct produced {
  std::uint64_t sent = 0;   ///< acknowledged; with acks "0" only sent
  std::uint64_t failed = 0; ///< refused, or not acknowledged
  std::uint64_t bad = 0;    ///< lines that are no records
  std::chrono::milliseconds took{0};
  latency_histogram latency; ///< of acknowledgments
};

/// Sends each line as a record, until the input ends or it is interrupted, and waits for what is under way. Lines that are bad or
/// refused are told to `err` with their numbers.
/// @throws config_error, connector_error when it cannot begin or go on at all.
[[nodiscard]] produced
produce(const settings& config, const produce_wish& wish, const interruption& stop, const text_sink& err);

} // namespace leat::cli
