#pragma once

#include <leat/apps/leat/kafka/record_text.hpp>
#include <leat/connectors/formats/json/json_writer.hpp>
#include <leat/connectors/kafka/blocking/cluster_view.hpp>
#include <leat/connectors/kafka/blocking/kafka_message.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat::cli {

/// A letter of a dead-letter topic: docs/formats/dead_letters.md.
struct letter {
  kafka_message record; ///< as it lies in that topic; key and value are the original ones
  std::string reason;
  std::vector<std::string> causes; ///< what has led to the reason, the nearest first
  std::string step;
  partition source;         ///< where it was read, or was to be written; number -1: no partition yet
  std::int64_t offset = -1; ///< there; -1: none
  timestamp time{};         ///< Kafka's, there
  bool cut = false;         ///< key or value are not whole
  std::string whole_size;   ///< of the value, when it is cut

  /// The position for people: `transactions/3 offset 77`; "-" when there is none.
  [[nodiscard]] std::string place() const;
};

/// @returns what a record says as a letter; what a header does not say stays as above.
[[nodiscard]] letter letter_of(kafka_message record);

/// What kind of reason it is: without what stands in quotes, which is each record's own.
[[nodiscard]] std::string kind_of_reason(std::string_view reason);

/// Several lines for a person.
[[nodiscard]] std::string shown(const letter& l, const payload& key, const payload& value);

/// An object, one line.
void write_letter(json_writer& to, const letter& l, const payload& key, const payload& value);

/// Which letters somebody wants; all conditions have to hold.
struct letter_filter {
  std::string reason{};                 ///< has this in it
  std::string step{};                   ///< is this one; empty: any
  std::optional<std::int32_t> number{}; ///< the letter's partition
  std::optional<std::int64_t> first{};  ///< offset of the letter, there
  std::optional<std::int64_t> last{};

  [[nodiscard]] bool wants(const letter& l) const;

  /// The partitions of a topic with letters that may have some.
  /// @throws config_error when there is none of that number, or offsets are wanted and several partitions have them.
  [[nodiscard]] std::vector<partition> partitions_of(const topic_facts& letters) const;
};

} // namespace leat::cli
