#include <leat/connectors/http/http_server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdint>
#include <thread>

namespace leat {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

http_server::request request_of(const http::request<http::string_body>& r) {
  http_server::request made{std::string{r.method_string()}, std::string{r.target()}, r.body(), {}};
  for (const auto& field : r) {
    std::string name{field.name_string()};
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    made.headers[name] = std::string{field.value()};
  }
  return made;
}

} // namespace

struct http_server::state {
  /// One more, for as long as this lives.
  class counted {
  public:
    explicit counted(std::atomic<int>& of) : count_{of} { ++count_; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { --count_; }

  private:
    std::atomic<int>& count_;
  };

  state(handler by, int port)
    : answer{std::move(by)}, acceptor{io, {asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port)}} {
    asio::co_spawn(io, accept(), asio::detached);
    thread = std::thread{[this] { io.run(); }};
  }

  asio::awaitable<void> accept() {
    while (true) {
      auto connection = co_await acceptor.async_accept(asio::use_awaitable);
      ++accepted;
      asio::co_spawn(io, serve(std::move(connection)), asio::detached);
    }
  }

  /// Ends with an exception, which nobody looks at, when the client closes.
  asio::awaitable<void> serve(tcp::socket connection) {
    const counted one{open};
    boost::beast::flat_buffer buffer;
    while (true) {
      http::request<http::string_body> received;
      co_await http::async_read(connection, buffer, received, asio::use_awaitable);
      const auto made = answer(request_of(received));
      if (made.after.count() > 0) {
        asio::steady_timer timer{io, made.after};
        co_await timer.async_wait(asio::use_awaitable);
      }
      if (made.hang_up)
        co_return;
      http::response<http::string_body> sent{static_cast<http::status>(made.status), 11};
      for (const auto& [name, value] : made.headers)
        sent.set(name, value);
      sent.body() = made.body;
      sent.prepare_payload();
      co_await http::async_write(connection, sent, asio::use_awaitable);
    }
  }

  const handler answer;
  std::atomic<int> accepted = 0, open = 0;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  std::thread thread;
};

http_server::http_server(handler answer, int port) : state_{std::make_unique<state>(std::move(answer), port)} {}

http_server::~http_server() {
  state_->io.stop();
  state_->thread.join();
}

int http_server::port() const noexcept { return state_->acceptor.local_endpoint().port(); }
std::string http_server::url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port()) + path; }
int http_server::accepted() const noexcept { return state_->accepted; }
int http_server::open() const noexcept { return state_->open; }

} // namespace leat
