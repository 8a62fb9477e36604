#pragma once

#include <leat/apps/leat/dlq/letter.hpp>
#include <leat/apps/leat/kafka/interruption.hpp>
#include <leat/apps/leat/text_table.hpp>
#include <leat/base/settings.hpp>

#include <cstdint>
#include <limits>
#include <string>

namespace leat::cli {

/// Which letters somebody wants to be sent again, and how.
struct replay_wish {
  std::string topic; ///< the dead-letter topic
  letter_filter filter;
  std::string to;    ///< the topic to send to; empty: where each comes from
  std::string edit;  ///< a command of the shell that each payload goes through; empty: none
  std::string group; ///< that remembers which letters were sent; empty: one named after the topics
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
  bool dry_run = false; ///< shows what would be sent
};

/// What came of it.
struct replayed {
  std::uint64_t sent = 0;     ///< acknowledged, or with a dry run would be sent
  std::uint64_t before = 0;   ///< were sent by an earlier replay, and are not again
  std::uint64_t failed = 0;   ///< wanted, and not sent
  std::uint64_t unwanted = 0; ///< by the filter
};

/// The group that a wish without one remembers in.
[[nodiscard]] std::string replay_group(const replay_wish& wish);

/// Sends letters again, as they were or as they were edited, in their order; a line to `out` for each. Sends some hundred at a
/// time, in one transaction with what remembers them. Those that fail are told to `err`, and not remembered.
/// @throws config_error, connector_error when it cannot begin or go on at all.
[[nodiscard]] replayed replay_letters(
  const settings& config, const replay_wish& wish, const interruption& stop, const text_sink& out, const text_sink& err,
  bool json);

} // namespace leat::cli
