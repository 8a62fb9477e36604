#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace leat::testing {

/// Stands between Kafka's clients and a broker on loopback, and loses what it is told to.
///
/// It passes whole requests and answers on. Clients come to it when the broker advertises its port: see
/// `kafka_server::proxied_brokers`.
class kafka_proxy {
public:
  /// Listens on one port of 127.0.0.1 and connects to another.
  kafka_proxy(int port, int to);
  ~kafka_proxy();

  kafka_proxy(const kafka_proxy&) = delete;
  kafka_proxy& operator=(const kafka_proxy&) = delete;

  /// The next request of this kind reaches the broker; its connection is cut when the answer comes. 26 is the end of a
  /// transaction.
  void lose_answer_to(std::int16_t kind) { losing_ = kind; }

  /// Cuts the client off when its next request of this kind comes, and keeps the request.
  void hold(std::int16_t kind) { holding_ = kind; }

  /// Lets the request that is held go to the broker, and waits until that has answered. Nothing without one.
  void release();

  /// The next request of this kind reaches the broker; the answer waits, and with it all that follow on its connection.
  void delay_answer_to(std::int16_t kind) { delaying_ = kind; }

  /// Whether an answer waits.
  [[nodiscard]] bool delays() const noexcept { return delays_; }

  /// Lets it go on.
  void pass_delayed() noexcept { delays_ = false; }

  /// The next request to write records does not reach the broker: once one more of its connection has come, which does, the client is
  /// told that the broker does not lead the partition, as by one that has just begun to.
  void refuse_records() noexcept { refusing_ = true; }

  /// How many answers were lost so far.
  [[nodiscard]] int lost() const noexcept { return lost_; }

private:
  struct connection {
    int client = -1;
    int broker = -1;
    std::atomic<std::int32_t> doomed = -1; ///< the request (correlation id) whose answer is lost
    std::atomic<std::int32_t> slow = -1;   ///< the one whose answer waits
    std::string held;                      ///< a request; guarded by m_
    std::string refusal;                   ///< an answer that waits
    std::mutex to_client;                  ///< held while an answer is written
    std::thread requests;
    std::thread answers;
  };
  static constexpr int none = -1;

  void accept_all();
  void pass_requests(connection& c);
  void pass_answers(connection& c);
  static bool answer(connection& c, const std::string& bytes);

  const int to_;
  const int listener_;
  std::atomic<int> losing_ = none;
  std::atomic<int> holding_ = none;
  std::atomic<int> delaying_ = none;
  std::atomic<bool> delays_ = false;
  std::atomic<bool> refusing_ = false;
  std::atomic<int> lost_ = 0;
  std::mutex m_;
  std::list<connection> connections_; // guarded by m_
  std::thread accepting_;
};

} // namespace leat::testing
