#pragma once

#include <leat/apps/orders_pipeline/records.hpp>
#include <leat/base/time.hpp>
#include <leat/connectors/http/http_server.hpp>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace leat::orders {

/// How the stub treats whoever asks.
struct stub_manners {
  duration after{0};   ///< how long it thinks
  double failures = 0; ///< the share of requests that it answers with 503
};

/// What stands for the customer service in tests and demos: knows customers by a rule, on loopback.
class customer_stub {
public:
  /// @param port 0: a free one. @throws std::system_error when it is taken.
  explicit customer_stub(stub_manners manners = {}, int port = 0);

  [[nodiscard]] std::string url() const { return server_.url(""); }
  [[nodiscard]] int port() const noexcept { return server_.port(); }

  /// From now on each request is answered with 503, or again with an answer. Any thread.
  void set_down(bool down) noexcept { down_ = down; }

  [[nodiscard]] std::uint64_t asked() const noexcept { return asked_; }

private:
  http_server::response answer(const http_server::request& r);

  const stub_manners manners_;
  std::atomic<bool> down_ = false;
  std::atomic<std::uint64_t> asked_ = 0;
  double owed_ = 0; // failures; of the server's thread
  http_server server_;
};

/// The name of customer `number`: `c-00042`.
[[nodiscard]] std::string customer_id_of(std::uint64_t number);

/// What the stub knows of a customer: of every fiftieth nothing; every thirtieth is blocked.
[[nodiscard]] std::optional<customer> known_customer(const std::string& customer_id);

} // namespace leat::orders
