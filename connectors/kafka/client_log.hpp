#pragma once

#include <leat/connectors/log_limit.hpp>

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>

namespace leat {

/// What one Kafka client has to say: to the log, but not the same thing again and again, and to `open`, which needs the
/// last problem to explain why nothing answers.
///
/// librdkafka repeats "connection refused" for each broker and attempt while a broker is away. A kind of message (its
/// facility) is logged at most once in `quiet_time`; the next one tells how many were held back. Lines for
/// debugging are all logged when the user has asked librdkafka for them.
///
/// Thread-safe: librdkafka logs from its own threads.
class client_log {
public:
  /// Between two messages of one kind.
  static constexpr std::chrono::seconds quiet_time{30};

  /// @param who begins every line: "kafka source transactions".
  /// @param debug whether the user has set librdkafka's property `debug`.
  explicit client_log(std::string who, bool debug = false) : who_{std::move(who)}, debug_{debug} {}

  /// A line of librdkafka's log; `level` is syslog's, 0 (emergency) to 7 (debug).
  void line(int level, std::string_view facility, std::string_view text);

  /// An error of the whole client, such as all brokers being down.
  /// @param hopeless trying again will not help: credentials or certificates were refused.
  void problem(std::string_view code, std::string_view text, bool hopeless);

  /// All brokers are connected. Says so when the log has it that one was not: librdkafka itself only tells of losing them.
  void connected();

  /// The last thing that went wrong; empty when nothing has.
  [[nodiscard]] std::string last_problem() const;

  /// Whether the last problem is one that waiting does not solve.
  [[nodiscard]] bool hopeless() const;

private:
  const std::string who_;
  const bool debug_;
  mutable std::mutex m_;
  log_limit limit_{quiet_time}; // guarded by m_
  std::string last_problem_;    // guarded by m_
  bool hopeless_ = false;       // guarded by m_
  bool told_of_loss_ = false;   // guarded by m_; what the log says last of the connections
};

} // namespace leat
