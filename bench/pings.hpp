#pragma once

#include <boost/describe.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

struct rd_kafka_s;

namespace leat::bench {

inline constexpr int ping_partitions = 4;

/// A record that says when it was sent.
struct ping {
  std::int64_t number = 0;
  std::int64_t sent_ns = 0; ///< of the steady clock, which all processes of a machine share
  std::string filling;
};
BOOST_DESCRIBE_STRUCT(ping, (), (number, sent_ns, filling))

[[nodiscard]] std::int64_t now_ns();

/// Reads pings from a topic on a thread of its own, as far as they are committed, and keeps when each came.
class stopwatch {
public:
  struct arrival {
    std::int64_t sent_ns = 0;
    std::int64_t came_ns = 0;
    [[nodiscard]] double millis() const noexcept { return static_cast<double>(came_ns - sent_ns) / 1e6; }
  };

  stopwatch(const std::string& brokers, const std::string& topic);

  /// Stops reading; what came, in that order.
  std::vector<arrival> finish();

private:
  void read();

  rd_kafka_s* client_;
  std::atomic<bool> done_{false};
  std::vector<arrival> arrivals_;
  std::thread thread_;
};

/// How long those took that were sent at or after `from_ns`, in milliseconds, sorted.
[[nodiscard]] std::vector<double> millis_of(const std::vector<stopwatch::arrival>& all, std::int64_t from_ns);

[[nodiscard]] double percentile(const std::vector<double>& sorted, double p);

/// Sends pings at a fixed rate, on time even when one was slow, and waits until they are delivered.
/// @param keys of the records are those of so many, one after the other; 0: they have none.
void send_pings(
  const std::string& brokers, const std::string& topic, int per_millisecond, std::chrono::milliseconds time,
  std::int64_t keys = 0);

} // namespace leat::bench
