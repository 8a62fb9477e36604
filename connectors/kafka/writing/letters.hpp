#pragma once

#include <leat/connectors/epochs/epoch_log.hpp>
#include <leat/connectors/kafka/handles.hpp>
#include <leat/messages/dead_letter.hpp>

#include <string>
#include <utility>
#include <vector>

namespace leat {

/// Bytes of a reason that a letter carries at most; what a user's exception says may be of any length.
inline constexpr std::size_t largest_reason = 16 * 1024;

/// The headers that every dead letter has, in their order, and those of its causes: docs/formats/dead_letters.md.
/// @param longest_reason bytes that its reason may have, and all its causes together; the rest is cut off.
[[nodiscard]] std::vector<std::pair<const char*, std::string>>
letter_headers(const dead_letter& letter, std::size_t longest_reason = largest_reason);

/// Has a topic for dead letters created; the answer comes to `answers`.
void request_letter_topic(rd_kafka_t* through, const std::string& topic, rd_kafka_queue_t* answers);

/// Puts a letter into a log, for its topic.
void log_letter(epoch_log_writer& to, const dead_letter& letter);

/// Puts a letter of another log, which was refused as too large, into a log: key and value cut to 512 KB, or to half of what they
/// have, the key to half of that.
/// @returns false, and puts nothing, when it is too short for that to help.
[[nodiscard]] bool log_cut_letter(epoch_log_writer& to, logged_record letter);

} // namespace leat
