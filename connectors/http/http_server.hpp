#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace leat {

/// An HTTP server on loopback that answers by a function: for stubs of services, in tests and demos.
class http_server {
public:
  /// As it has come in.
  struct request {
    std::string method, path; ///< the path with its query, as sent
    std::string body;
    std::map<std::string, std::string> headers; ///< names in small letters
  };

  /// To be sent.
  struct response {
    int status = 200;
    std::string body{};
    std::map<std::string, std::string> headers{};
    std::chrono::milliseconds after{0}; ///< how long it is held back
    bool hang_up = false;               ///< closes the connection instead
  };

  using handler = std::function<response(const request&)>;

  /// @param answer called on the server's one thread. @param port 0: a free one.
  /// @throws std::system_error when the port is taken.
  explicit http_server(handler answer, int port = 0);

  /// Ends it, and all connections to it.
  ~http_server();

  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  [[nodiscard]] int port() const noexcept;

  /// `http://127.0.0.1:PORT` and this.
  [[nodiscard]] std::string url(const std::string& path) const;

  /// How many connections there have been, and how many are open.
  [[nodiscard]] int accepted() const noexcept;
  [[nodiscard]] int open() const noexcept;

private:
  struct state;
  const std::unique_ptr<state> state_;
};

} // namespace leat
