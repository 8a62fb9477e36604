#pragma once

#include <cstdint>
#include <string>

namespace leat::bench {

/// The stream that the Kafka benchmarks read: JSON transactions of about 140 bytes, 10,000 users, a millisecond of event
/// time apart and out of order by at most two seconds. Always the same.
inline constexpr int transaction_partitions = 4;
inline constexpr std::int64_t first_event_time = 1'750'000'020'000; // a full minute

/// Writes transactions [0, count) to `topic`, which it creates, each to the partition of its user; says how far it is on
/// standard error.
void produce_transactions(const std::string& brokers, const std::string& topic, std::int64_t count);

} // namespace leat::bench
