#pragma once

#include <leat/apps/leat/dlq/letter.hpp>
#include <leat/apps/leat/kafka/interruption.hpp>
#include <leat/apps/leat/text_table.hpp>
#include <leat/base/settings.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace leat::cli {

/// The name of a dead-letter topic; @param name that, or the topic whose letters are meant.
[[nodiscard]] std::string letters_of(const std::string& name);

/// The topic whose letters a dead-letter topic holds.
[[nodiscard]] std::string source_of(const std::string& letters);

/// Dead-letter topics, how many letters each holds, and why.
/// @param sample of how many of the last ones of each partition the reasons are counted.
void list_letters(const settings& config, std::int64_t sample, const interruption& stop, const text_sink& out, bool json);

/// Letters with all that is known of them. @param limit at most so many.
void show_letters(
  const settings& config, const std::string& topic, const letter_filter& filter, std::uint64_t limit,
  const interruption& stop, const text_sink& out, bool json);

} // namespace leat::cli
