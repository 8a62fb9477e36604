#pragma once

#include <array>

/// Names in the records of a dead-letter topic: docs/formats/dead_letters.md. All values of headers are text.
namespace leat::dead_letter_headers {

/// Follows the name of the topic that a letter comes from, or of the job, and makes that of the topic it goes to.
inline constexpr const char* topic_suffix = "-dlq";

inline constexpr const char* reason = "leat.reason";       ///< what is wrong, for a person
inline constexpr const char* step = "leat.step";           ///< the step that refused the record
inline constexpr const char* topic = "leat.topic";         ///< where it was read, or was to be written
inline constexpr const char* partition = "leat.partition"; ///< decimal; -1: none
inline constexpr const char* offset = "leat.offset";       ///< decimal; -1: none
inline constexpr const char* timestamp = "leat.timestamp"; ///< decimal, milliseconds since the epoch: Kafka's timestamp

/// What has led to the reason, the nearest cause first; only as many as there are.
inline constexpr std::array causes{"leat.cause.1", "leat.cause.2", "leat.cause.3", "leat.cause.4",
                                   "leat.cause.5", "leat.cause.6", "leat.cause.7", "leat.cause.8"};

inline constexpr const char* truncated = "leat.truncated";         ///< decimal: bytes of the whole value; only when cut
inline constexpr const char* truncated_key = "leat.truncated-key"; ///< decimal: bytes of the whole key; only when cut

} // namespace leat::dead_letter_headers
