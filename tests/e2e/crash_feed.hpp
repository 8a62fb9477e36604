#pragma once

#include <leat/connectors/kafka/simple_clients.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace leat::testing {

/// What `crashing-job` reads: nothing of Leat's. The events of a key are all in one partition, in the order of their numbers.
struct crash_event {
  std::string key;
  std::int64_t number = 0, value = 0, time = 0;
  int partition = 0;
};

/// Events of twelve keys in four partitions. One in ten is so late that windows have fired, never so late that it is lost. Those of
/// the same seed are the same.
std::vector<crash_event> make_crash_events(std::uint64_t seed, int count);

/// Creates a topic and puts the events there. @returns its name.
std::string feed_topic(const std::vector<crash_event>& events);

/// Puts events into a topic, and waits until they are there.
void feed_events(const std::string& topic, const std::vector<crash_event>& events);

/// The records of a topic by partition, in order.
using partition_records = std::map<std::int32_t, std::vector<std::string>>;

/// What has to come out, by plain loops over the events; and how what was found differs from it.
class crash_expectation {
public:
  explicit crash_expectation(const std::vector<crash_event>& events);

  /// @returns what is wrong; empty: each row is there once, those of a key in order.
  [[nodiscard]] std::string wrong_tallies(const partition_records& found) const;

  /// A window that is late at times is written several times, with one event more each: when for the first time is open, as it
  /// depends on how partitions wait for each other. So each window must have rows without gaps up to the whole one, and each of
  /// them is what the first so many events make. The job numbers them, so that the first ones cannot be missing unseen.
  [[nodiscard]] std::string wrong_totals(const partition_records& found) const;

private:
  using lines = std::vector<std::string>;

  std::map<std::string, lines> tallies_; // by key and kind, in order
  std::map<std::string, lines> totals_;  // by key and window: a row for each number of events
};

} // namespace leat::testing
