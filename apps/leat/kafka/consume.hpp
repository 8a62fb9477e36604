#pragma once

#include <leat/apps/leat/kafka/interruption.hpp>
#include <leat/apps/leat/kafka/scan_start.hpp>
#include <leat/apps/leat/text_table.hpp>
#include <leat/base/settings.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace leat::cli {

/// How records are printed.
enum class record_form {
  table, ///< for people
  json,  ///< an object a line
  raw,   ///< values only, their bytes as they are, a line each; tombstones are left out
};

/// Which records somebody wants to see.
struct consume_query {
  std::vector<std::string> topics;
  std::vector<std::int32_t> partitions; ///< empty: all
  scan_start from;
  std::string commit_for{}; ///< the group that what was read is stored for; empty: none
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  bool follow = false;      ///< goes on at the end, until it is interrupted
  bool uncommitted = false; ///< with records of transactions that are open or were aborted
  bool headers = false;     ///< in tables too
  bool schema_ids = false;  ///< likewise
  record_form form = record_form::table;
};

/// Prints records up to what is the end of their partitions now. Says to `err` how many there were.
/// @throws connector_error when they cannot be read.
void consume(
  const settings& config, const consume_query& query, const interruption& stop, const text_sink& out, const text_sink& err);

} // namespace leat::cli
