#pragma once

#include <leat/base/time.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

/// To be sent to a server.
struct http_request {
  std::string method = "GET";
  std::string url{}; ///< `http://…` or `https://…`, its parts escaped as `http_escape` does
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
};

/// What has come of a request: a status and a body, or why there are none.
struct http_response {
  int status = 0; ///< 200, 404, …; 0: no response
  std::string body{};
  std::string failure{};                 ///< without a response why, for a person; otherwise empty
  std::optional<duration> retry_after{}; ///< the server's wish

  [[nodiscard]] bool answered() const noexcept { return status != 0; }
  [[nodiscard]] bool succeeded() const noexcept { return status >= 200 && status < 300; }
};

/// How an `http_client` behaves towards servers.
struct http_options {
  duration connect_timeout = std::chrono::seconds{3};
  duration timeout =
    std::chrono::seconds{10};        ///< of a whole request; one that waits for a connection is told up to as much later
  std::size_t connections = 16;      ///< to one server; requests beyond wait for a free one
  std::size_t most_bytes = 16 << 20; ///< of a response's body; a longer one is a failure
  std::string user{}, password{};    ///< for Basic authentication; without a user there is none
  std::string ca_file{};             ///< PEM, of who may sign servers' certificates; empty: the system's
  std::string certificate_file{}, key_file{}; ///< PEM, of a certificate to show to servers; empty: none
};

/// Asks HTTP servers, any number of requests at a time, over connections that are kept.
///
/// One thread of the client's own does all the waiting. Certificates are verified, redirections to HTTP or HTTPS followed (five at
/// most), compressed bodies come plain. Proxies as libcurl finds them in the environment (`https_proxy`, `no_proxy`).
/// Any thread may send; the destructor ends what is under way: its `then` are called, with a failure, before it returns. What they send
/// then gets no response.
class http_client {
public:
  /// @throws std::runtime_error when libcurl cannot start.
  explicit http_client(http_options options = {});
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;
  ~http_client();

  /// Returns at once. @param then called once, on the client's thread; it must not block nor throw, and may send.
  void send(http_request request, std::function<void(http_response)> then);

  /// Waits for the response. Not from a `then`.
  [[nodiscard]] http_response ask(http_request request);

private:
  class loop;
  const std::unique_ptr<loop> loop_;
};

/// As part of a path or of a query: all but letters, digits, `-`, `.`, `_` and `~` as percent signs and hexadecimal digits.
[[nodiscard]] std::string http_escape(std::string_view part);

} // namespace leat
