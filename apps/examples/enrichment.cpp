// enrichment: says for each order how good a customer has placed it, which a service is asked over HTTP. The service is a
// part of the program, at a free port of the loopback interface, so that it runs anywhere.

#include <leat/connectors/local.hpp>
#include <leat/leat.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

struct order {
  std::int64_t id = 0;
  std::string customer;
  double amount = 0;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, customer, amount))

struct graded_order {
  std::int64_t id = 0;
  std::string customer;
  double amount = 0;
  std::optional<std::string> grade, problem; // one of them
};
BOOST_DESCRIBE_STRUCT(graded_order, (), (id, customer, amount, grade, problem))

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using response = http::response<http::string_body>;

/// Stands for the customer service: `GET /grades/ann` is answered "gold". It is overloaded when it hears of bob for the first
/// time, and whenever it hears of eve. A coroutine serves each connection, as long as the client keeps it.
class customer_service {
public:
  explicit customer_service(asio::io_context& io) : acceptor_{io, {asio::ip::address_v4::loopback(), 0}} {
    asio::co_spawn(io, accept(), asio::detached);
  }

  [[nodiscard]] tcp::endpoint address() const { return acceptor_.local_endpoint(); }

private:
  asio::awaitable<void> accept() {
    while (true) {
      auto connection = co_await acceptor_.async_accept(asio::use_awaitable);
      asio::co_spawn(acceptor_.get_executor(), serve(std::move(connection)), asio::detached);
    }
  }

  /// Ends with an exception, which nobody looks at, when the client closes.
  asio::awaitable<void> serve(tcp::socket connection) {
    std::string received;
    while (true) {
      const auto length =
        co_await asio::async_read_until(connection, asio::dynamic_buffer(received, 4'096), "\r\n\r\n", asio::use_awaitable);
      const auto path = received.substr(4, received.find(' ', 4) - 4); // behind "GET "
      received.erase(0, length);
      const auto answered = answer(path);
      co_await asio::async_write(connection, asio::buffer(answered), asio::use_awaitable);
    }
  }

  std::string answer(const std::string& path) {
    const auto overloaded = overloaded_for_.find(path);
    if (overloaded != overloaded_for_.end() && overloaded->second-- > 0)
      return response_of("503 Service Unavailable", "");
    const auto grade = grades_.find(path);
    return grade == grades_.end() ? response_of("404 Not Found", "") : response_of("200 OK", grade->second);
  }

  static std::string response_of(const std::string& status, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  const std::map<std::string, std::string> grades_{
    {"/grades/ann", "gold"}, {"/grades/bob", "silver"}, {"/grades/eve", "gold"}};
  std::map<std::string, int> overloaded_for_{{"/grades/bob", 1}, {"/grades/eve", 1'000}}; // so many questions
  tcp::acceptor acceptor_;
};

/// Puts questions to one server, any number at a time. Connections are kept and used again; there are as many as there were
/// questions at a time. Lives on the one thread that runs `io`, and so needs no lock.
class http_client {
public:
  /// @param patience how long a question may take until its connection is given up.
  http_client(asio::io_context& io, tcp::endpoint server, leat::duration patience)
    : io_{io}, server_{std::move(server)}, patience_{patience} {}

  /// What questions have to be spawned on. Any thread.
  [[nodiscard]] asio::any_io_executor executor() const { return io_.get_executor(); }

  asio::awaitable<response> get(std::string path) {
    auto connection = co_await connect();
    connection.expires_after(patience_);
    http::request<http::empty_body> asked{http::verb::get, path, 11};
    asked.set(http::field::host, server_.address().to_string());
    co_await http::async_write(connection, asked, asio::use_awaitable);
    boost::beast::flat_buffer buffer;
    response answered;
    co_await http::async_read(connection, buffer, answered, asio::use_awaitable);
    if (answered.keep_alive())
      idle_.push_back(std::move(connection));
    co_return answered;
  }

private:
  /// One that the server has closed meanwhile lets this attempt fail; the next one gets another.
  asio::awaitable<boost::beast::tcp_stream> connect() {
    if (idle_.empty()) {
      boost::beast::tcp_stream connection{io_};
      connection.expires_after(patience_);
      co_await connection.async_connect(server_, asio::use_awaitable);
      co_return connection;
    }
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    co_return connection;
  }

  asio::io_context& io_;
  const tcp::endpoint server_;
  const leat::duration patience_;
  std::vector<boost::beast::tcp_stream> idle_;
};

/// Runs what is spawned on `io` until its scope ends; what has not ended by then is given up.
class network_thread {
public:
  explicit network_thread(asio::io_context& io) : io_{io}, work_{io.get_executor()}, thread_{[&io] { io.run(); }} {}
  network_thread(const network_thread&) = delete;
  network_thread& operator=(const network_thread&) = delete;
  ~network_thread() { io_.stop(); }

private:
  asio::io_context& io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::jthread thread_;
};

/// What `.async(…)` calls in its actors. The client outlives the job.
class look_up_grade {
public:
  explicit look_up_grade(http_client& client) : client_{&client} {}

  /// Starts a coroutine on the client's thread: what it returns or throws is the result.
  void operator()(const order& o, leat::async_result<graded_order> result) const {
    asio::co_spawn(client_->executor(), ask(*client_, o), std::move(result));
  }

  /// No attempt has succeeded.
  void failed(const order& o, const std::string& reason, leat::collector<graded_order>& out) const {
    out.push(graded_order{o.id, o.customer, o.amount, std::nullopt, reason});
  }

private:
  static asio::awaitable<graded_order> ask(http_client& client, order o) {
    const auto answer = co_await client.get("/grades/" + o.customer);
    if (answer.result() == http::status::not_found) // an answer: asking again would not change it
      co_return graded_order{o.id, o.customer, o.amount, std::nullopt, "no such customer"};
    if (answer.result() != http::status::ok)
      throw std::runtime_error{"the customer service says " + std::to_string(answer.result_int())};
    co_return graded_order{o.id, o.customer, o.amount, answer.body(), std::nullopt};
  }

  http_client* client_;
};

} // namespace

int main(int argc, char** argv) {
  using namespace leat;
  const async_options calls{
    .capacity = 2, .timeout = 10s, .ordered = false, .retries = {.attempts = 3, .first_delay = 20ms}};
  asio::io_context io{1};
  customer_service service{io};
  http_client client{io, service.address(), calls.timeout};
  const network_thread network{io};

  job orders{"enrichment"};
  orders
    .source(collection<order>({
      {1, "ann", 20},
      {2, "bob", 35.5},
      {3, "cid", 12},
      {4, "ann", 8},
      {5, "eve", 99},
      {6, "bob", 40},
    }))
    .named("orders")
    .async<graded_order>(look_up_grade{client}, calls)
    .named("grade")
    .sink(to_console<graded_order>());
  return run(orders, argc, argv);
}
