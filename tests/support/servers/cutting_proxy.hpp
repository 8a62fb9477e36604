#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace leat::testing {

/// A TCP proxy on loopback that cuts a connection when the server has answered something: whoever asked never learns of it.
class cutting_proxy {
public:
  /// @param to the server's port on 127.0.0.1.
  explicit cutting_proxy(int to);

  /// Ends it, and all connections through it.
  ~cutting_proxy();

  cutting_proxy(const cutting_proxy&) = delete;
  cutting_proxy& operator=(const cutting_proxy&) = delete;

  [[nodiscard]] int port() const noexcept { return port_; }

  /// From now on, the connection that sends bytes with this in them is cut when they are answered, before the answer goes on: once.
  void cut_answer_to(const std::string& text);

  /// How many were cut.
  [[nodiscard]] int cuts() const noexcept { return cuts_; }

private:
  void accept_all();
  void serve(int client);

  const int to_;
  int port_ = 0;
  int listener_ = -1;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> armed_ = false;
  std::string text_; // set before armed_
  std::atomic<int> cuts_ = 0;
  std::vector<std::thread> connections_; // those of `accept_all`
  std::thread accepting_;
};

} // namespace leat::testing
